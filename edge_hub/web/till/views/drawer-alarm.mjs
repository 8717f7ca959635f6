/** A drawer left open: told at its till, whoever is signed in, until somebody shuts it. */
import { html, useEffect } from '../lib.mjs';
import { command } from '../api.mjs';
import { explain } from '../baskets.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { sound } from '../sound.mjs';
import { client, devices, hub, staff } from '../state.mjs';

/** This till's drawer. @returns {import('../types.mjs').Device|undefined} */
function ours() {
  const till = hub.value?.tills.find((one) => one.id === client.value?.till);
  return devices.value.get(till?.drawer ?? '');
}

export function DrawerAlarm() {
  const device = ours();
  const rings = device?.drawer_alarm ?? false;
  useEffect(() => {
    if (rings) sound('bad');
  }, [rings]);
  if (!device || !rings) return null;
  const shut = () =>
    command('POST', `/v1/devices/${device.id}/simulator/actions`, { action: 'close_drawer' }).catch(explain);
  return html`<div class="alarm" role="alert"><${Icon} name="drawer" />
    <span>${t('drawer.left_open', { time: when(device.drawer_open_since_ms ?? 0, hub.value.store.timezone) })}</span>
    ${device.simulated && staff.value && html`<button type="button" onClick=${shut}>${t('console.act.close_drawer')}</button>`}
  </div>`;
}
