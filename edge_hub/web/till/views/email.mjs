/** A receipt by e-mail: the customer's address, asked for once and kept nowhere on the tablet. */
import { html, useState } from '../lib.mjs';
import { command, link } from '../api.mjs';
import { explain } from '../baskets.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { Dialog, shut } from '../parts.mjs';
import { dialog, hub, may, tell } from '../state.mjs';

const ADDRESS_LENGTH_MAX = 254;

/** Only where the store sends mail. @param {{saleId: string, big?: boolean}} props */
export function EmailButton({ saleId, big = false }) {
  if (!hub.value.email || !may('sell')) return null;
  return html`<button type="button" class=${big ? 'big' : ''} disabled=${link.value === 'away'}
    onClick=${() => (dialog.value = { name: 'email', data: saleId })}><${Icon} name="mail" />${t('email.do')}</button>`;
}

/** @param {{data?: string}} props a sale's id */
export function EmailDialog({ data }) {
  const [address, setAddress] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await command('POST', `/v1/sales/${data}/receipt/email`, { address: address.trim() });
      tell(t('email.queued'));
      shut();
    } catch (error) {
      explain(error);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t('email.title')}><form class="stack" onSubmit=${submit}>
    <p class="soft">${t('email.how')}</p>
    <label class="field"><span>${t('email.address')}</span><input data-first type="email" inputmode="email" autocomplete="off"
      autocapitalize="off" spellcheck="false" required maxlength=${ADDRESS_LENGTH_MAX} value=${address}
      onInput=${(event) => setAddress(event.target.value)} /></label>
    <button class="primary big" disabled=${busy || link.value === 'away' || !address.trim()}><${Icon} name="mail" />${t('email.send')}</button>
  </form><//>`;
}
