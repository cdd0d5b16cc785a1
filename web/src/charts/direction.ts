/** Which way a metric is better: what its name tells, unless the reader says otherwise. */

export type Direction = 'up' | 'down' | null;

const DOWN =
  /(^|[^a-z])(loss|err|error|errors|mse|rmse|mae|mape|wer|cer|nll|perplexity|ppl|latency|duration|time|runtime|distance|divergence|kl|fid|eer|brier|regret|false|fpr|fnr|deviance|logloss|cost|misclassification|hinge)([^a-z]|$)/;
const UP =
  /(^|[^a-z])(acc|accuracy|auc|auroc|roc|f1|fbeta|precision|recall|score|r2|map|ap|ndcg|mrr|bleu|rouge|meteor|iou|dice|psnr|ssim|reward|return|throughput|sensitivity|specificity|tpr|tnr|kappa|mcc|correlation|likelihood|gain)([^a-z]|$)/;

/** `down` for a loss, `up` for an accuracy, `null` for what has no better. */
export function directionOf(key: string): Direction {
  const words = key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  if (/^system\//.test(words)) return null;
  if (DOWN.test(words)) return 'down';
  return UP.test(words) ? 'up' : null;
}
