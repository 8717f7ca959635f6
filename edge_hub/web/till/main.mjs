/** Start of the till: language, hub, pairing, session; then the pages, live events and scanners. */
import { effect, html, render } from './lib.mjs';
import { addScanned, recover } from './baskets.mjs';
import { letGoOfScanners, ours } from './claims.mjs';
import { follow, unfollow } from './events.mjs';
import { firstLanguage, speak, t } from './i18n.mjs';
import { recallWatched } from './payments.mjs';
import { watchWedge } from './scanner.mjs';
import { firstContact, loadClient, loadSession } from './session.mjs';
import { watchKeys } from './shortcuts.mjs';
import { sound } from './sound.mjs';
import { client, codeTaker, dialog, go, page, sold, staff, tell, watched } from './state.mjs';
import { App } from './views/shell.mjs';

const PAGES = ['sell', 'pay', 'payment', 'history', 'payments', 'devices', 'settings'];

/** A code from a scanner, typed or sent by the hub. @param {string} code */
function scanned(code) {
  if (!client.value || !staff.value) return;
  if (dialog.value) {
    refuseScan(t('scan.dialog'));
    return;
  }
  if (codeTaker.value) {
    codeTaker.value(code);
    return;
  }
  if (page.value === 'payment' && watched.value) {
    refuseScan(t('scan.payment'));
    return;
  }
  if (sold.value) sold.value = null;
  if (page.value !== 'sell') go('sell');
  addScanned(code);
}

/** @param {string} words why not */
function refuseScan(words) {
  sound('bad');
  tell(words, { tone: 'bad' });
}

/** From the hub's scanner: only where somebody is looking, and not when another tablet holds the scanner. */
async function scannedByHub(data, device) {
  if (document.visibilityState === 'visible' && staff.value && (await ours(device))) scanned(data);
}

function watchAddress() {
  const read = () => {
    const name = location.hash.replace(/^#\//, '');
    if (PAGES.includes(name)) page.value = name;
    dialog.value = null;
  };
  window.addEventListener('hashchange', read);
  read();
}

/** So that a reload works while the hub is away: what this page was made of is kept. Secure contexts only. */
async function keepShell() {
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return;
  await navigator.serviceWorker.register('/till/sw.mjs');
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: performance.getEntriesByType('resource').map((entry) => entry.name) });
}

async function start() {
  await speak(firstLanguage());
  effect(() => {
    document.title = t('app.title');
  });
  loadClient();
  recallWatched();
  await firstContact();
  if (client.value) await loadSession();
  watchAddress();
  watchKeys();
  watchWedge(scanned);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && letGoOfScanners());
  render(html`<${App} />`, document.querySelector('#app'));
  effect(() => {
    if (client.value) follow(scannedByHub);
    else unfollow();
  });
  if (client.value) await recover();
  keepShell();
}

start();
