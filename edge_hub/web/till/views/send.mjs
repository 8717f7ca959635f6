/** Telling the kitchen, or wherever goods are prepared, what is new in the basket. */
import { html } from '../lib.mjs';
import { link } from '../api.mjs';
import { change } from '../baskets.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { hub, say, tell, working } from '../state.mjs';

/** Send what was not sent of the basket in hand. */
async function send() {
  const answer = await change(() => ({ method: 'POST', path: '/send', body: {} }));
  if (!answer) return;
  const told = [...new Set(answer.tickets.map((ticket) => ticket.route_name))].join(' · ');
  const words = told ? t('send.done', { where: told }) : t('send.nothing');
  tell(words);
  say(words);
}

/** Only where the store has such places. */
export function SendButton() {
  const { routes } = hub.value;
  if (!routes?.length) return null;
  const label = t('send.do', { where: routes.map((route) => route.name).join(' · ') });
  return html`<button type="button" class="plain square send" disabled=${link.value === 'away' || working.value > 0} onClick=${send}
    aria-label=${label} title=${label}><${Icon} name="send" /></button>`;
}
