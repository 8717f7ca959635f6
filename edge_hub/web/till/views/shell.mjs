/** What is around every page: header, banner, messages, dialogs. */
import { html } from '../lib.mjs';
import { plural, t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { unresolved } from '../payments.mjs';
import { AwayBanner, Spoken, Toasts } from '../parts.mjs';
import { basket, browsing, client, dialog, go, hub, jobs, may, page, staff } from '../state.mjs';
import { Basket, countOf } from './basket.mjs';
import { AbandonDialog, ParkDialog, ParkedDialog } from './basket-dialogs.mjs';
import { Devices, DeviceStrip } from './devices.mjs';
import { DiscountDialog } from './discount.mjs';
import { DrawerAlarm } from './drawer-alarm.mjs';
import { EmailDialog } from './email.mjs';
import { History } from './history.mjs';
import { DrawerDialog, HelpDialog, PairingDialog, UnpairDialog } from './hub-dialogs.mjs';
import { LineDialog } from './line-dialogs.mjs';
import { Pair } from './pair.mjs';
import { VoidDialog } from './paid.mjs';
import { Pay } from './pay.mjs';
import { PaymentPage } from './payment.mjs';
import { PaymentStrip } from './payment-strip.mjs';
import { PaymentsPage, ResolveDialog, ReviewDialog } from './payments.mjs';
import { Products, Search } from './products.mjs';
import { RefundDialog } from './refund.mjs';
import { Settings } from './settings.mjs';
import { SignIn } from './signin.mjs';
import { TipDialog } from './tip.mjs';
import { WeighDialog } from './weigh.mjs';

const PAGES = {
  sell: Sell,
  pay: Pay,
  payment: PaymentPage,
  history: History,
  payments: PaymentsPage,
  devices: Devices,
  settings: Settings,
};
/** Pages that belong to a tab without being it. */
const UNDER = { pay: 'sell', payment: 'sell', payments: 'history' };
const DIALOGS = {
  abandon: AbandonDialog,
  discount: DiscountDialog,
  drawer: DrawerDialog,
  email: EmailDialog,
  help: HelpDialog,
  line: LineDialog,
  pairing: PairingDialog,
  park: ParkDialog,
  parked: ParkedDialog,
  refund: RefundDialog,
  resolve: ResolveDialog,
  review: ReviewDialog,
  tip: TipDialog,
  unpair: UnpairDialog,
  void: VoidDialog,
  weigh: WeighDialog,
};

export function App() {
  const gate = !client.value ? Pair : !staff.value ? SignIn : null;
  return html`${gate ? html`<${gate} />` : html`<${Shell} />`}<${Toasts} /><${Spoken} />`;
}

function Shell() {
  const Page = PAGES[page.value] ?? Sell;
  const open = dialog.value;
  const Open = open && DIALOGS[open.name];
  return html`<div class="shell">
    <${Header} />
    <${AwayBanner} />
    <${DrawerAlarm} />
    <${PaymentStrip} />
    <${Page} />
    ${Open && html`<${Open} key=${open.name} data=${open.data} />`}
  </div>`;
}

function Header() {
  const till = hub.value.tills.find((one) => one.id === client.value.till)?.name ?? client.value.till;
  const tabs = [
    ['sell', 'basket', t('nav.sell')],
    ['history', 'history', t('nav.history')],
    ['devices', 'printer', t('nav.devices')],
    ['settings', 'settings', t('nav.settings')],
  ];
  const here = UNDER[page.value] ?? page.value;
  const badges = { devices: jobs.value.size, history: may('resolve_payment') ? unresolved().length : 0 };
  return html`<header class="top">
    <p class="brand"><b>${hub.value.store.name}</b><span>${till} · ${staff.value?.name}</span></p>
    <${DeviceStrip} />
    <nav aria-label=${t('nav.label')}>${tabs.map(
      ([name, icon, words]) => html`<button type="button" key=${name} class="tab" aria-current=${here === name ? 'page' : undefined}
        title=${words} onClick=${() => go(name)}><${Icon} name=${icon} /><span>${words}</span>
        ${badges[name] > 0 && html`<b class="badge">${badges[name]}</b>`}</button>`,
    )}
      <button type="button" class="tab slim" title=${t('help.title')} aria-label=${t('help.title')} onClick=${() => (dialog.value = { name: 'help' })}>?</button>
    </nav>
  </header>`;
}

function Sell() {
  const count = basket.value ? countOf(basket.value) : 0;
  const side = browsing.value ? 'browsing' : 'ringing';
  return html`<main class=${`sell ${side}`}>
    <h1 class="unseen">${t('nav.sell')}</h1>
    <${Search} />
    <div class="sides" role="group" aria-label=${t('nav.sell')}>
      <button type="button" aria-pressed=${!browsing.value} onClick=${() => (browsing.value = false)}><${Icon} name="basket" size=${18} />
        ${count > 0 ? plural('basket.items', count) : t('basket.title')}</button>
      <button type="button" aria-pressed=${browsing.value} onClick=${() => (browsing.value = true)}><${Icon} name="grid" size=${18} />${t('products.title')}</button>
    </div>
    <${Products} /><${Basket} />
  </main>`;
}
