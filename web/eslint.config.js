import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results'] },
  ...tseslint.configs.strict,
  {
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      // User strings reach a page as text only.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Data is text: use text nodes.',
        },
        {
          selector: 'AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]',
          message: 'Data is text.',
        },
        {
          selector:
            'CallExpression[callee.name=/^use(Layout)?Effect$/] > ArrowFunctionExpression[body.type!="BlockStatement"][body.type!="ArrowFunctionExpression"]',
          message:
            'What an effect returns is its cleanup, and methods of the browser that return nothing today return promises tomorrow: use a block.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'wouter',
              importNames: ['useSearch', 'useSearchParams'],
              message: 'It is decoded once too often: useRawSearch of url/raw.',
            },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  // What Playwright calls `use` is no hook.
  {
    files: ['tests/**'],
    rules: { 'react-hooks/rules-of-hooks': 'off', '@typescript-eslint/no-empty-pattern': 'off' },
  },
);
