/** What the pages show: signals, changed by actions and by the hub's events. */
import { computed, signal } from './lib.mjs';
import { locale } from './i18n.mjs';
import { formatMilli, formatMoney } from './money.mjs';

const TOASTS_MAX = 3;
const TOAST_MS = 4_000;
const UNDO_MS = 9_000;

/** @type {import('./lib.mjs').signal<import('./types.mjs').Hub|null>} */
export const hub = signal(null);
/** @type {{value: import('./types.mjs').Client|null}} */
export const client = signal(null);
/** @type {{value: import('./types.mjs').Staff|null}} */
export const staff = signal(null);
/** The basket in hand. @type {{value: import('./types.mjs').Basket|null}} */
export const basket = signal(null);
/** Open and parked baskets of the whole store, by id. @type {{value: Map<string, import('./types.mjs').Basket>}} */
export const baskets = signal(new Map());
/** @type {{value: Map<string, import('./types.mjs').Device>}} */
export const devices = signal(new Map());
/** Print jobs whose outcome a person must tell. @type {{value: Map<string, import('./types.mjs').Job>}} */
export const jobs = signal(new Map());
/** Payments under way, in doubt, or for a manager to look into. @type {{value: Map<string, import('./types.mjs').Payment>}} */
export const payments = signal(new Map());
/** The payment on this tablet's screen, by id; "" is none. */
export const watched = signal('');
/** Who takes the next scans instead of the basket: what the customer's wallet shows. @type {{value: ((code: string) => void)|null}} */
export const codeTaker = signal(null);
/** What each scale shows, by device. @type {{value: Map<string, {grams: number|null, state: string}>}} */
export const weights = signal(new Map());
/** The sale just made, while its change and receipt are shown. @type {{value: import('./types.mjs').Sale|null}} */
export const sold = signal(null);
/** Commands on their way: how many. */
export const working = signal(0);
/** The page: sell, pay, payment, history, payments, devices, settings. */
export const page = signal('sell');
/** On a narrow screen: is the product list shown instead of the basket? */
export const browsing = signal(false);
/** An open dialog: its name and what it is about. @type {{value: {name: string, data?: any}|null}} */
export const dialog = signal(null);
/** @type {{value: {id: number, text: string, tone: string, act?: {label: string, run: () => void}}[]}} */
export const toasts = signal([]);
/** Said aloud by screen readers. */
export const spoken = signal('');

/** The line changed last, to highlight it. */
export const touched = computed(() => basket.value?.changed_line ?? null);

/** @param {string} name a Permission of the hub */
export const may = (name) => staff.value?.permissions?.includes(name) ?? false;

/** @param {number} minor */
export const money = (minor) => formatMoney(minor, hub.value.store, locale.value);

/** A quantity with its unit where it is not pieces. @param {number} milli @param {string} unit */
export const quantity = (milli, unit) =>
  unit === 'kilogram' ? `${formatMilli(milli, locale.value, 3)} kg` : formatMilli(milli, locale.value);

/** What is being paid for a basket by card or wallet, or may have been. @param {string} id */
export const payingFor = (id) =>
  [...payments.value.values()].filter(
    (one) => one.basket_id === id && one.kind === 'sale' && one.state !== 'reverse_unknown' && /pending|unknown/.test(one.outcome),
  );

/** The product's name in the language in use. @param {import('./types.mjs').Product} product */
export const nameOf = (product) => product.names?.[locale.value] ?? product.name;

/** @param {string} name */
export function go(name) {
  dialog.value = null;
  if (location.hash !== `#/${name}`) location.hash = `/${name}`;
  page.value = name;
}

let lastToast = 0;

/** Tell something in passing. @param {string} text @param {{tone?: string, act?: {label: string, run: () => void}}} [more] */
export function tell(text, { tone = 'info', act } = {}) {
  const id = ++lastToast;
  const others = toasts.value.filter((other) => other.text !== text);
  toasts.value = [...others, { id, text, tone, act }].slice(-TOASTS_MAX);
  setTimeout(() => untell(id), act ? UNDO_MS : TOAST_MS);
}

/** @param {number} id */
export function untell(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Have it said by a screen reader, again even when it is the same text. @param {string} text */
export function say(text) {
  spoken.value = spoken.value === text ? `${text}\u00a0` : text;
}
