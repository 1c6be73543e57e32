import { Gate } from "@/components/sign-in/gate.tsx";
import { LinkButton } from "@/components/ui/button.tsx";

export default function NotFound() {
  return (
    <Gate>
      <h1>There is no such page</h1>
      <p>The address may be mistyped, or what it named is gone.</p>
      <LinkButton href="/" look="primary" size="l">
        Go to the overview
      </LinkButton>
    </Gate>
  );
}
