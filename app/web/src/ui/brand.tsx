/** The name and its mark. */
export function Brand() {
  return (
    <span className="brand">
      <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
        <rect className="brand-box" x="4" y="13" width="24" height="16" rx="3" />
        <rect className="brand-lid" x="2.5" y="9" width="27" height="7" rx="2.2" />
        <rect className="brand-ribbon" x="14" y="9" width="4" height="20" />
        <path
          className="brand-bow"
          d="M16 9C13 2 6.5 2.5 6.5 6 6.5 8.5 11 9 16 9Zm0 0c3-7 9.5-6.5 9.5-3 0 2.5-4.5 3-9.5 3Z"
        />
      </svg>
      <span className="brand-name">
        Redn<b>Gift</b>
      </span>
    </span>
  );
}
