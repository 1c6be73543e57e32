/** The mark: a towline over a bridge. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <rect x="1" y="5" width="18" height="3.2" rx="1.6" fill="var(--accent)" />
      <path
        d="M4.2 8v6.4M15.8 8v6.4M4.2 14.4c0-3 2.4-4.6 5.8-4.6s5.8 1.6 5.8 4.6"
        fill="none"
        stroke="var(--text)"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
    </svg>
  );
}
