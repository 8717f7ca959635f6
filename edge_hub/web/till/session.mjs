/** Pairing this tablet with the hub, and people signing in on it. */
import { batch } from './lib.mjs';
import { Away, command, get, hooks, link, token } from './api.mjs';
import { chosen, matching, speak, t } from './i18n.mjs';
import { basket, client, hub, staff, tell } from './state.mjs';
import { recall, remember } from './storage.mjs';

const HUB_RETRY_MS = 2_000;

/** What the hub says of itself; kept so that a reload works while it is away. */
export async function loadHub() {
  try {
    hub.value = await get('/v1/hub');
    remember('hub', hub.value);
    if (link.value === 'connecting') link.value = 'live';
  } catch (error) {
    if (!(error instanceof Away)) throw error;
    hub.value ??= recall('hub');
  }
}

/** Without any hub ever seen there is nothing to show: say so and try again. */
export async function firstContact() {
  const place = document.querySelector('#app');
  await loadHub().catch(() => {});
  while (!hub.value) {
    place.textContent = t('away.first');
    await new Promise((resolve) => setTimeout(resolve, HUB_RETRY_MS));
    await loadHub().catch(() => {});
  }
  place.textContent = '';
}

/** Use the pairing made earlier, if any. */
export function loadClient() {
  const known = recall('client');
  token.value = known?.token ?? '';
  client.value = known;
}

/** @param {string} code the one-time token @param {string} name of this tablet @param {string} till */
export async function pair(code, name, till) {
  const answer = await command('POST', '/v1/pairing', { token: code.trim(), name: name.trim(), till });
  token.value = answer.token;
  client.value = { ...answer, name: name.trim() };
  remember('client', client.value);
}

/** The token in the page's address (#pair=TOKEN), taken out of it so that it is not shared by accident. */
export function tokenFromAddress() {
  const found = /^#pair=([^&]+)/.exec(location.hash);
  if (!found) return '';
  history.replaceState(null, '', location.pathname);
  return decodeURIComponent(found[1]);
}

/** Forget this tablet's pairing, here and (where allowed) on the hub. */
export async function unpair() {
  try {
    await command('DELETE', `/v1/clients/${client.value.client_id}`);
  } catch {
    // The hub may want a manager for that; the token is forgotten here all the same.
  }
  forget();
}

function forget() {
  for (const key of ['client', 'staff', 'basket', 'unanswered', 'payment']) remember(key, null);
  token.value = '';
  batch(() => {
    client.value = null;
    staff.value = null;
    basket.value = null;
  });
}

hooks.unpaired = () => {
  if (!client.value) return;
  forget();
  tell(t('pair.lost'), { tone: 'bad' });
};
hooks.signedOut = () => setStaff(null);

/** @param {import('./types.mjs').Staff|null} person */
export function setStaff(person) {
  if (staff.value?.id !== person?.id && person?.locale && !chosen()) {
    const language = matching(person.locale);
    if (language) speak(language);
  }
  staff.value = person;
  remember('staff', person);
}

/** Who is signed in on this tablet; while the hub is away, who was. */
export async function loadSession() {
  try {
    setStaff((await get('/v1/session')).staff);
  } catch (error) {
    if (error instanceof Away) staff.value ??= recall('staff');
    else if (client.value) setStaff(null);
  }
}

/** @param {string} staffId @param {string} pin */
export async function signIn(staffId, pin) {
  setStaff((await command('POST', '/v1/session', { staff_id: staffId, pin })).staff);
}

/** Works while the hub is away too: the session there ends by itself. */
export async function signOut() {
  setStaff(null);
  if (link.value !== 'away') await command('DELETE', '/v1/session').catch(() => {});
}
