/** Where sign-in links come from. */
export function HowToGetALink() {
  return (
    <>
      <p>
        Towpath prints one link for each person when it starts. Look at the terminal where it runs, or start it again: a
        running mesh goes on, and new links are printed.
      </p>
      <div className="cmd">
        <span className="p">$</span>
        <span className="grow">npm start</span>
      </div>
    </>
  );
}
