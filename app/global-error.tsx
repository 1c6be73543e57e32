"use client";

/** Shown when even the frame failed; without styles of the app, since those may be what failed. */
export default function GlobalError({ reset }: { readonly reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: "system-ui, sans-serif", display: "grid", placeItems: "center", minHeight: "90vh" }}>
        <main style={{ maxWidth: 420 }}>
          <h1 style={{ fontSize: 18 }}>This page failed</h1>
          <p>The mesh is not touched by it. Try again; if it stays, look at the portal's log.</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
