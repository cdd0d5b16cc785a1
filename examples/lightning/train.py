#!/usr/bin/env python3
"""Trains a tiny network with PyTorch Lightning's MLFlowLogger on the CPU, and reads back what was logged.

Only MLFLOW_TRACKING_URI has to be set:

    MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python train.py

Exits with 1 and says what differs if the server returns anything else than what was logged.
"""

import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import torch
from mlflow.tracking import MlflowClient
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

try:
    import lightning.pytorch as pl
    from lightning.pytorch.callbacks import ModelCheckpoint
    from lightning.pytorch.loggers import MLFlowLogger
except ImportError:
    import pytorch_lightning as pl
    from pytorch_lightning.callbacks import ModelCheckpoint
    from pytorch_lightning.loggers import MLFlowLogger

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)

EXPERIMENT = "lightning"
EPOCHS = 5


class Mismatch(Exception):
    """The server returned something else than what was logged."""


class Line(pl.LightningModule):
    """Learns y = 3 x1 - 2 x2 + 1."""

    def __init__(self, width=8, learning_rate=0.05):
        super().__init__()
        self.save_hyperparameters()
        self.layers = torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.ReLU(), torch.nn.Linear(width, 1))
        self.validation_losses = []

    def forward(self, x):
        return self.layers(x)

    def training_step(self, batch, index):
        x, y = batch
        loss = mse_loss(self(x), y)
        self.log("train_loss", loss, on_step=True, on_epoch=False)
        return loss

    def validation_step(self, batch, index):
        x, y = batch
        self.log("val_loss", mse_loss(self(x), y))

    def on_validation_epoch_end(self):
        if not self.trainer.sanity_checking:
            self.validation_losses.append(float(self.trainer.callback_metrics["val_loss"]))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.learning_rate)


def data(count, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 2, generator=generator)
    y = (3 * x[:, :1] - 2 * x[:, 1:] + 1) + 0.01 * torch.randn(count, 1, generator=generator)
    return TensorDataset(x, y)


def main():
    if "MLFLOW_TRACKING_URI" not in os.environ:
        sys.exit("error: set MLFLOW_TRACKING_URI, for example to http://127.0.0.1:5000")
    started = time.monotonic()
    pl.seed_everything(7)
    torch.set_num_threads(1)
    logger = MLFlowLogger(
        experiment_name=EXPERIMENT,
        run_name="line",
        tags={"example": "lightning"},
        tracking_uri=os.environ["MLFLOW_TRACKING_URI"],
        log_model=True,
    )
    model = Line()
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(
            max_epochs=EPOCHS,
            accelerator="cpu",
            devices=1,
            logger=logger,
            log_every_n_steps=1,
            callbacks=[ModelCheckpoint(dirpath=folder, filename="line-{epoch}", monitor="val_loss")],
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(model, DataLoader(data(64, 1), batch_size=16), DataLoader(data(32, 2), batch_size=32))
        steps = trainer.global_step
    print(f"run {logger.run_id} in experiment {logger.experiment_id} ({EXPERIMENT})")
    print(
        f"  {EPOCHS} epochs, {steps} steps, val_loss {model.validation_losses[0]:.3f} to {model.validation_losses[-1]:.3f}"
    )

    print("reading everything back")
    check_run(logger, model, steps)
    print(f"done in {time.monotonic() - started:.0f} s: everything that was logged came back")


def check(what, got, expected):
    if got != expected:
        raise Mismatch(f"{what}: logged {expected!r}, the server returned {got!r}")


def check_run(logger, model, steps):
    client = MlflowClient()
    run = client.get_run(logger.run_id)
    check("status", run.info.status, "FINISHED")
    check("name", run.info.run_name, "line")
    check("tag", run.data.tags["example"], "lightning")
    check("hyperparameters", run.data.params, {"width": "8", "learning_rate": "0.05"})
    losses = client.get_metric_history(logger.run_id, "val_loss")
    # The loss is logged as a double made from a 32-bit float, so it is compared exactly.
    check("val_loss of every epoch", [point.value for point in losses], model.validation_losses)
    check("latest val_loss", run.data.metrics["val_loss"], model.validation_losses[-1])
    check(
        "train_loss of every step",
        [point.step for point in client.get_metric_history(logger.run_id, "train_loss")],
        list(range(steps)),
    )
    found = client.search_runs(
        [logger.experiment_id], "params.width = '8' AND tags.example = 'lightning' AND metrics.val_loss >= 0"
    )
    check("the run is found", logger.run_id in [item.info.run_id for item in found], True)

    folders = [item.path for item in client.list_artifacts(logger.run_id, "model/checkpoints")]
    if not folders:
        raise Mismatch("no checkpoint was stored")
    with tempfile.TemporaryDirectory() as folder:
        local = Path(client.download_artifacts(logger.run_id, folders[0], folder))
        (checkpoint,) = local.glob("*.ckpt")
        loaded = Line.load_from_checkpoint(checkpoint, map_location="cpu")
        best = min(model.validation_losses)
        x, y = data(32, 2).tensors
        with torch.no_grad():
            check("loss of the checkpoint", round(float(mse_loss(loaded(x), y)), 5), round(best, 5))


if __name__ == "__main__":
    try:
        main()
    except Mismatch as mismatch:
        sys.exit(f"error: {mismatch}")
