"use client";

import { ChevronDown, Download, FileJson } from "lucide-react";
import { toast } from "sonner";
import type { ActionOffer, RolloutAction, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { userMessageOf } from "../../query/portal-error.ts";
import { useMe } from "../../query/use-me.tsx";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "../../ui/menu.tsx";
import { ActionDialog } from "./action-dialog.tsx";
import { actionIcons, shownOffers, takesBack } from "./action-looks.ts";
import { type ReportFormat, saveReport } from "./save-report.ts";

interface RolloutActionsProps {
  readonly details: RolloutDetails;
  /** Asked for by a banner; null: nothing is asked. */
  readonly asked: RolloutAction | null;
  readonly onAsk: (action: RolloutAction | null) => void;
}

/** The three great buttons with what each would do now, the menu with the rest, and the question before each. */
export function RolloutActions({ details, asked, onAsk }: RolloutActionsProps) {
  const { buttons, menu } = shownOffers(details);
  const offer = details.actions.find(({ action }) => action === asked);
  return (
    <div className="acts" data-testid="rollout-actions">
      {buttons.map((button, at) => (
        <ActionButton
          key={button.action}
          offer={button}
          primary={at === buttons.length - 1 && !takesBack(button.action)}
          onAsk={onAsk}
        />
      ))}
      <MoreActions details={details} offers={menu} onAsk={onAsk} />
      {offer && <ActionDialog key={offer.action} details={details} offer={offer} onClose={() => onAsk(null)} />}
    </div>
  );
}

interface ActionButtonProps {
  readonly offer: ActionOffer;
  readonly primary: boolean;
  readonly onAsk: (action: RolloutAction) => void;
}

function ActionButton({ offer: { action, allowed, because, title, effect }, primary, onAsk }: ActionButtonProps) {
  const words = (allowed ? effect : because).replaceAll("requests per second", "rps");
  return (
    <div className={primary ? "act is-first" : "act"}>
      <Button
        size="l"
        icon={actionIcons[action]}
        look={takesBack(action) ? "danger" : primary ? "primary" : "plain"}
        disabled={!allowed}
        title={allowed ? undefined : because}
        aria-describedby={`effect-${action}`}
        data-testid={`action-${action}`}
        onClick={() => onAsk(action)}
      >
        {title}
      </Button>
      <span className="cap" id={`effect-${action}`} title={words} data-testid={`effect-${action}`}>
        {words}
      </span>
    </div>
  );
}

interface MoreActionsProps {
  readonly details: RolloutDetails;
  readonly offers: readonly ActionOffer[];
  readonly onAsk: (action: RolloutAction) => void;
}

function MoreActions({ details, offers, onAsk }: MoreActionsProps) {
  const me = useMe();
  const possible = offers.filter(({ allowed }) => allowed);
  const not = offers.filter(({ allowed }) => !allowed);
  const save = (format: ReportFormat) => () => {
    saveReport(details, format).catch((error: unknown) => toast(userMessageOf(error)));
  };
  return (
    <div className="act is-more">
      <Menu
        align="end"
        trigger={
          <Button size="l" data-testid="more-actions">
            More
            <ChevronDown className="ic ic-14" aria-hidden="true" />
          </Button>
        }
      >
        {me.capabilities.preview &&
          possible.map((offer) => {
            const Icon = actionIcons[offer.action];
            return (
              <MenuItem key={offer.action} onSelect={() => onAsk(offer.action)}>
                <Icon className="ic ic-14" aria-hidden="true" />
                <span data-testid={`menu-${offer.action}`}>{offer.title}</span>
                <span className="end">{offer.effect.replaceAll("requests per second", "rps")}</span>
              </MenuItem>
            );
          })}
        {not.map((offer) => {
          const Icon = actionIcons[offer.action];
          return (
            <MenuItem key={offer.action} disabled onSelect={() => undefined}>
              <Icon className="ic ic-14" aria-hidden="true" />
              {offer.title}
              <span className="end">{offer.because}</span>
            </MenuItem>
          );
        })}
        <MenuSeparator />
        <MenuLabel>Report</MenuLabel>
        <MenuItem onSelect={save("markdown")}>
          <Download className="ic ic-14" aria-hidden="true" />
          Download as Markdown
        </MenuItem>
        <MenuItem onSelect={save("json")}>
          <FileJson className="ic ic-14" aria-hidden="true" />
          Download as JSON
        </MenuItem>
      </Menu>
    </div>
  );
}
