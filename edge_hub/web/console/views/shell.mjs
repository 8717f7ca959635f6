/** What is around every page of the console: who may see it, header, banner, messages, dialogs. */
import { html } from '../../till/lib.mjs';
import { t } from '../../till/i18n.mjs';
import { Icon } from '../../till/icons.mjs';
import { AwayBanner, Spoken, Toasts } from '../../till/parts.mjs';
import { signOut } from '../../till/session.mjs';
import { client, devices, dialog, go, hub, jobs, may, page, staff } from '../../till/state.mjs';
import { inWords } from '../../till/views/devices.mjs';
import { DrawerDialog, PairingDialog } from '../../till/views/hub-dialogs.mjs';
import { Languages, Pair } from '../../till/views/pair.mjs';
import { SignIn } from '../../till/views/signin.mjs';
import { Devices } from './devices.mjs';
import { RestartDialog } from './drill.mjs';
import { EditDialog, FoundDialog, RemoveDialog } from './edit.mjs';
import { Hub, RevokeDialog } from './hub.mjs';
import { Jobs } from './jobs.mjs';
import { Log } from './log.mjs';

export const PAGES = { devices: Devices, jobs: Jobs, log: Log, hub: Hub };
const DIALOGS = {
  drawer: DrawerDialog,
  edit: EditDialog,
  found: FoundDialog,
  pairing: PairingDialog,
  remove: RemoveDialog,
  restart: RestartDialog,
  revoke: RevokeDialog,
};

export function App() {
  const gate = !client.value ? Pair : !staff.value ? SignIn : !may('manage_devices') ? NotYours : null;
  return html`${gate ? html`<${gate} />` : html`<${Shell} />`}<${Toasts} /><${Spoken} />`;
}

/** For whoever may sell but not change devices. */
function NotYours() {
  return html`<main class="gate"><section class="card gate-card">
    <span class="gate-mark"><${Icon} name="settings" size=${34} /></span>
    <h1>${t('console.not_yours')}</h1>
    <p class="soft">${t('console.not_yours_hint', { name: staff.value.name })}</p>
    <button type="button" class="primary big" onClick=${signOut}><${Icon} name="person" />${t('signin.other')}</button>
    <a class="button" href="/till/">${t('console.to_till')}</a>
  </section><${Languages} /></main>`;
}

function Shell() {
  const Page = PAGES[page.value] ?? Devices;
  const open = dialog.value;
  const Open = open && DIALOGS[open.name];
  return html`<div class="shell console">
    <${Header} /><${AwayBanner} /><${Page} />
    ${Open && html`<${Open} key=${open.name} data=${open.data} />`}
  </div>`;
}

function Header() {
  const troubled = [...devices.value.values()].filter((one) => inWords(one).tone === 'bad').length;
  const tabs = [
    ['devices', 'printer', t('nav.devices'), troubled],
    ['jobs', 'history', t('console.jobs'), jobs.value.size],
    ['log', 'list', t('console.log'), 0],
    ['hub', 'settings', t('settings.hub'), 0],
  ];
  return html`<header class="top">
    <p class="brand"><b>${hub.value.store.name}</b><span>${t('console.app')} · ${staff.value?.name}</span></p>
    <nav aria-label=${t('nav.label')}>${tabs.map(
      ([name, icon, words, count]) => html`<button type="button" key=${name} class="tab" title=${words}
        aria-current=${page.value === name ? 'page' : undefined} onClick=${() => go(name)}><${Icon} name=${icon} /><span>${words}</span>
        ${count > 0 && html`<b class="badge">${count}</b>`}</button>`,
    )}</nav>
  </header>`;
}
