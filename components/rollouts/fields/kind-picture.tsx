import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";

const stable = "var(--stable-fill)";
const canary = "var(--canary-fill)";

/** A small picture of how calls move from one version to the other, for the eyes only. */
export function KindPicture({ kind }: { readonly kind: RolloutKind }) {
  return (
    <svg className="kind-picture" width="56" height="28" viewBox="0 0 56 28" aria-hidden="true">
      <Drawing kind={kind} />
    </svg>
  );
}

function Drawing({ kind }: { readonly kind: RolloutKind }) {
  switch (kind) {
    case "progressive":
      return <Bars shares={[0.08, 0.2, 0.36, 0.6, 1]} />;
    case "weighted":
      return <Bars shares={[0.15, 0.5, 1]} />;
    case "header-canary":
      return (
        <>
          <path d="M3 8H34M3 14H34" stroke={stable} strokeWidth="3" strokeLinecap="round" />
          <path d="M3 20H22L30 23H34" stroke={canary} strokeWidth="3" strokeLinecap="round" fill="none" />
          <rect x="8" y="17" width="9" height="6" rx="1.5" fill="var(--bg-surface)" stroke={canary} strokeWidth="1.5" />
          <circle cx="45" cy="11" r="5" fill={stable} />
          <path d="M45 18L49.5 22.5L45 27L40.5 22.5Z" fill={canary} />
        </>
      );
    case "blue-green":
      return (
        <>
          <rect x="2" y="5" width="20" height="18" rx="3" fill={stable} />
          <rect x="34" y="5" width="20" height="18" rx="3" fill="none" stroke={canary} strokeWidth="2" />
          <path d="M25 11H31L28.5 8.5M31 17H25L27.5 19.5" stroke="var(--text-2)" strokeWidth="1.5" fill="none" />
        </>
      );
    case "mirror-first":
      return (
        <>
          <path d="M3 10H36" stroke={stable} strokeWidth="4" strokeLinecap="round" />
          <path d="M14 10C18 20 22 21 36 21" stroke={canary} strokeWidth="2.5" strokeDasharray="3 3" fill="none" />
          <circle cx="45" cy="10" r="5" fill={stable} />
          <path d="M45 16.5L49.5 21L45 25.5L40.5 21Z" fill={canary} />
        </>
      );
    case "ab-test":
      return (
        <>
          <circle cx="10" cy="8" r="3.5" fill={stable} />
          <circle cx="20" cy="8" r="3.5" fill={stable} />
          <path d="M26 8H46" stroke={stable} strokeWidth="3" strokeLinecap="round" />
          <path d="M10 16.5L14 20.5L10 24.5L6 20.5ZM20 16.5L24 20.5L20 24.5L16 20.5Z" fill={canary} />
          <path d="M28 20.5H46" stroke={canary} strokeWidth="3" strokeLinecap="round" />
        </>
      );
  }
}

/** Shares of the new version, step by step. */
function Bars({ shares }: { readonly shares: readonly number[] }) {
  const width = 56 / shares.length;
  return shares.map((share, at) => {
    const height = share * 24;
    return (
      <g key={share}>
        <rect x={at * width + 1} y="2" width={width - 3} height="24" rx="1.5" fill={stable} opacity=".45" />
        <rect x={at * width + 1} y={26 - height} width={width - 3} height={height} rx="1.5" fill={canary} />
      </g>
    );
  });
}
