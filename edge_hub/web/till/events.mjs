/** The hub's live events: devices, jobs, baskets of other tablets, scans of this till's scanner. */
import { effect } from './lib.mjs';
import { get, link, token, wakeRetries } from './api.mjs';
import { locale } from './i18n.mjs';
import { meet, meetAll, refetch } from './baskets.mjs';
import { meetPayment, meetPayments } from './payments.mjs';
import { client, devices, jobs, weights } from './state.mjs';
import { loadHub, loadSession, setStaff } from './session.mjs';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
/** A line that is back within this time is not worth a banner. */
const CALM_MS = 1_500;
/** How often to look whether a hub that was away is back. */
const PROBE_MS = 2_500;
/** A page is not told of a socket whose other end is gone: after such silence the line is made anew. */
const SILENCE_MAX_MS = 60_000;
const SILENCE_LOOK_MS = 10_000;
/** Our token is no longer good: any request says so and leads back to pairing. */
const CLOSE_UNAUTHENTICATED = 4001;
const UNKNOWN = 'unknown';

let socket = null;
/** The language that the line speaks. */
let spoken = '';
let retry_ms = RETRY_FIRST_MS;
let timer = 0;
/** The last journal number seen: what to replay from. */
let after = null;
let epoch = null;
let listening = false;
let probing = false;
let heard_ms = 0;
/** Whoever else wants each message, after it was taken. @type {Set<(message: any) => void>} */
export const listeners = new Set();
let onScan = (/** @type {string} */ _data, /** @type {string} */ _device) => {};

/** Follow the hub. @param {(data: string, device: string) => void} scanned called for scans of this till */
export function follow(scanned) {
  if (!listening) {
    listening = true;
    window.addEventListener('online', anew);
    window.addEventListener('offline', look);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && now());
    setInterval(() => socket?.readyState === WebSocket.OPEN && Date.now() - heard_ms > SILENCE_MAX_MS && anew(), SILENCE_LOOK_MS);
    effect(() => {
      if (link.value === 'away') probe();
    });
    effect(() => {
      const wanted = locale.value;
      if (socket && wanted !== spoken) anew();
    });
  }
  onScan = scanned;
  connect();
}

/** Connect at once if not connected. */
function now() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  connect();
}

/** Leave the line there is and make a new one. */
function anew() {
  unfollow();
  connect();
}

/** Ask the hub for anything: the answer, or none, sets `link`. */
const look = () => loadHub().catch(() => {});

/** Until the hub answers again; then all that may have changed is fetched, over a fresh line. */
async function probe() {
  if (probing) return;
  probing = true;
  while (link.value === 'away') {
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS / 2 + Math.random() * (PROBE_MS / 2)));
    if (link.value === 'away') await look();
  }
  probing = false;
  wakeRetries();
  if (token.value) anew();
}

/** Drop the line: this tablet is no longer paired. */
export function unfollow() {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  old?.close();
}

function connect() {
  clearTimeout(timer);
  if (!token.value) return;
  const mine = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/events`);
  socket = mine;
  spoken = locale.value;
  mine.onopen = () => mine.send(JSON.stringify({ type: 'subscribe', token: token.value, after, epoch, locale: locale.value }));
  mine.onmessage = (event) => {
    heard_ms = Date.now();
    if (socket !== mine) return;
    const message = JSON.parse(event.data);
    take(message);
    for (const listen of listeners) listen(message);
  };
  mine.onclose = (event) => {
    if (socket !== mine) return;
    socket = null;
    if (event.code === CLOSE_UNAUTHENTICATED) loadSession();
    setTimeout(() => socket?.readyState !== WebSocket.OPEN && token.value && look(), CALM_MS);
    timer = setTimeout(connect, retry_ms / 2 + Math.random() * (retry_ms / 2));
    retry_ms = Math.min(retry_ms * 2, RETRY_MAX_MS);
  };
}

/** @param {any} message one of the hub's */
function take(message) {
  switch (message.type) {
    case 'hello':
      retry_ms = RETRY_FIRST_MS;
      link.value = 'live';
      if (epoch !== message.epoch) after = null;
      epoch = message.epoch;
      after ??= message.seq;
      wakeRetries();
      refresh();
      break;
    case 'devices':
      devices.value = new Map(message.devices.map((one) => [one.id, one]));
      break;
    case 'device':
      devices.value = new Map(devices.value).set(message.device.id, message.device);
      break;
    case 'baskets':
      meetAll(message.baskets);
      break;
    case 'basket':
      meet(message.basket);
      break;
    case 'payments':
      meetPayments(message.payments);
      break;
    case 'payment':
      meetPayment(message.payment);
      break;
    case 'job':
      noteJob(message.job);
      break;
    case 'journal':
      after = message.seq;
      break;
    case 'scan':
      if (message.till === client.value?.till) onScan(message.data, message.device);
      break;
    case 'weight':
      weights.value = new Map(weights.value).set(message.device, message);
      break;
    case 'session':
      if (message.staff) loadSession();
      else setStaff(null);
      break;
    case 'resync':
      after = null;
      refresh();
      break;
    default:
  }
}

/** Everything that may have changed while the line was down. */
async function refresh() {
  await Promise.allSettled([loadHub(), loadSession(), refetch(), loadJobs(), loadBaskets()]);
}

async function loadBaskets() {
  meetAll((await get('/v1/baskets?state=open&state=parked')).baskets);
}

async function loadJobs() {
  const answer = await get(`/v1/jobs?state=${UNKNOWN}&limit=20`);
  jobs.value = new Map(answer.jobs.map((one) => [one.id, one]));
}

/** @param {import('./types.mjs').Job} job */
export function noteJob(job) {
  const map = new Map(jobs.value);
  if (job.state === UNKNOWN) map.set(job.id, job);
  else map.delete(job.id);
  jobs.value = map;
}
