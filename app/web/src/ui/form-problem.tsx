/** What is wrong with a form as a whole, read out when it appears. */
export function FormProblem({ problem }: { problem: string | null }) {
  return (
    <div role="alert" className="form-problem">
      {problem !== null && <p>{problem}</p>}
    </div>
  );
}
