import { type FormEvent, useState } from 'react';
import * as v from 'valibot';

/** What is wrong with a form: per field, and with all of it. */
interface FormProblems {
  readonly fields: Readonly<Record<string, string>>;
  readonly form: string | null;
}

const NO_PROBLEMS: FormProblems = { fields: {}, form: null };

/** What the browser says of a thrown value, in words for a person. */
export const describeError = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : 'Something went wrong. Please try again.';

const fieldProblems = (issues: readonly v.BaseIssue<unknown>[]): Record<string, string> => {
  const problems: Record<string, string> = {};
  for (const issue of issues) {
    const name = issue.path?.[0]?.key;
    if (typeof name === 'string') problems[name] ??= issue.message;
  }
  return problems;
};

/**
 * A form whose values are checked against a schema of the contract before `submit` gets them. The first wrong field
 * takes the focus; what `submit` throws is shown as the problem of the form.
 */
export const useForm = <S extends v.GenericSchema>(
  schema: S,
  submit: (values: v.InferOutput<S>, form: HTMLFormElement) => Promise<void>,
) => {
  const [problems, setProblems] = useState(NO_PROBLEMS);
  const [busy, setBusy] = useState(false);
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = v.safeParse(schema, Object.fromEntries(new FormData(form)));
    if (!values.success) {
      const fields = fieldProblems(values.issues);
      setProblems({ fields, form: null });
      const [first] = Object.keys(fields);
      const field = first === undefined ? null : form.elements.namedItem(first);
      if (field instanceof HTMLElement) field.focus();
      return;
    }
    setProblems(NO_PROBLEMS);
    setBusy(true);
    try {
      await submit(values.output, form);
    } catch (error) {
      setProblems({ fields: {}, form: describeError(error) });
    } finally {
      setBusy(false);
    }
  };
  return { problems, busy, onSubmit };
};
