/** One payment on the screen: what the terminal does, how it ended, and the one next step. */
import { html, useEffect, useRef, useState } from '../lib.mjs';
import { link } from '../api.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { offerOf, useOffers } from '../offers.mjs';
import { Empty } from '../parts.mjs';
import { activityWords, kindWords, notAgain, notKnown, outcomeWords, providerName, reasonWords, sceneOf, takes } from '../payment-words.mjs';
import { about, leave, onScreen } from '../payments.mjs';
import { basket, baskets, go, hub, money, watched } from '../state.mjs';
import { ByHand, Next, Standalone } from './by-hand.mjs';

/** After so long in doubt a look at the terminal is quicker than waiting. */
const LOOK_AFTER_MS = 60_000;
const SCENES = {
  working: Working,
  asking: Asking,
  manual: ByHand,
  standalone: Standalone,
  approved: Ended,
  orphan: Orphan,
  declined: Declined,
  not_sent: Declined,
  reversed: Ended,
};
const TONES = { working: '', asking: 'calm', manual: 'calm', standalone: '', approved: 'good', orphan: 'calm', declined: 'bad', not_sent: 'bad', reversed: 'good' };

export function PaymentPage() {
  useOffers();
  const one = onScreen();
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  const scene = one && sceneOf(one, basket.value, baskets.value);
  useEffect(() => {
    // What had the focus went with the screen before: the keyboard starts from the amount.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [scene]);
  if (!one) {
    return html`<main class="page">${watched.value
      ? html`<p class="soft" role="status">${t('payment.fetching')}</p>`
      : html`<${Empty} icon="card" title=${t('payment.none')}><button type="button" class="primary" onClick=${() => go('sell')}>${t('pay.back')}</button><//>`}</main>`;
  }
  const Scene = SCENES[scene];
  const to = backTo(one);
  return html`<main class="page charge">
    <header class="page-head"><button type="button" class="plain" onClick=${() => leave(to)}><${Icon} name="back" />${t('payment.leave')}</button></header>
    <section class=${`card charge-card ${TONES[scene]}`} data-scene=${scene} aria-label=${kindWords(one)}>
      <p class="soft">${kindWords(one)} · ${providerName(one)}</p>
      <h1 tabindex="-1" ref=${heading}>${money(one.amount)}</h1>
      ${one.tip > 0 && html`<p class="soft">${t('payment.with_tip', { amount: money(one.tip) })}</p>`}
      <${Scene} key=${`${one.id} ${scene}`} one=${one} to=${to} />
    </section>
  </main>`;
}

/** Where leaving leads. @param {import('../types.mjs').Payment} one */
const backTo = (one) => (one.kind === 'refund' || one.kind === 'tip' || (one.kind === 'void' && !basket.value) ? 'history' : 'sell');

/** What is going on, in words that a screen reader says as they change. */
function Live({ icon, text, small = '' }) {
  return html`<div class="live" role="status" aria-live="polite"><${Icon} name=${icon} size=${34} />
    <p><strong>${text}</strong>${small && html`<small class="soft">${small}</small>`}</p></div>`;
}

function Working({ one }) {
  const [asked, setAsked] = useState(false);
  const offer = offerOf(one);
  const stop = async () => {
    setAsked(true);
    if (!(await about(one, 'stop'))) setAsked(false);
  };
  return html`<${Live} icon=${one.method === 'wallet' ? 'phone' : 'card'} text=${activityWords(one)} small=${one.activity_text} />
    <div class="row">
      ${offer?.stops && html`<button type="button" class="big" disabled=${asked || link.value === 'away'} onClick=${stop}><${Icon} name="close" />${t('payment.stop')}</button>`}
    </div>
    <p class="soft note">${asked ? t('payment.stopping') : offer?.stops ? t('payment.stop_how') : one.method === 'wallet' ? t('payment.leave_how') : t('payment.red_key')}</p>`;
}

/** Nobody knows: what happens now, and what not to do. */
function Asking({ one }) {
  const [late, setLate] = useState(false);
  const [looking, setLooking] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LOOK_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (looking) return html`<${ByHand} one=${one} />`;
  const wallet = one.method === 'wallet';
  return html`<${Live} icon="wait" text=${notKnown(one)}
      small=${wallet ? t('doubt.asking_wallet') : t('doubt.asking')} />
    <p class="do-not">${notAgain(one)}</p>
    <p class="soft note">${t('doubt.since', { time: when(one.opened_ms, hub.value.store.timezone) })}</p>
    <div class="row">
      ${late
        ? html`<button type="button" class="big" onClick=${() => setLooking(true)}><${Icon} name="help" />${wallet ? t('doubt.look_wallet') : t('doubt.look')}</button>`
        : html`<button type="button" class="big" disabled=${link.value === 'away' || one.outcome !== 'unknown'} onClick=${() => about(one, 'ask')}>${t('doubt.ask')}</button>`}
      <${Next} one=${one} />
    </div>`;
}

function Declined({ one, to }) {
  const first = useFocus();
  const sale = one.kind === 'sale';
  const why = one.outcome === 'declined' ? reasonWords(one) : t('payment.not_sent_how');
  return html`<div class="live" role="alert"><${Icon} name="alert" size=${34} />
      <p><strong>${outcomeWords(one)}</strong><small>${why}</small>${(one.result?.text || one.detail) && html`<small class="soft own">${one.result?.text || one.detail}</small>`}</p></div>
    <p class="soft note">${takes(one) ? t('payment.nothing_taken') : t('payment.nothing_given')}</p>
    <div class="row"><button type="button" class="primary big" ref=${first} onClick=${() => leave(sale ? 'pay' : to)}>
      <${Icon} name=${sale ? 'cash' : 'back'} />${sale ? t('payment.otherwise') : t('payment.leave')}</button></div>`;
}

/** Approved after the basket was given up: the hub gives it back by itself. */
function Orphan({ one }) {
  const first = useFocus();
  return html`<${Live} icon="wait" text=${t('payment.orphan')} small=${one.why === 'orphan' ? t('payment.orphan_manager') : t('payment.orphan_how')} />
    <div class="row"><button type="button" class="primary big" ref=${first} onClick=${() => leave('sell')}>${t('done.next')}</button></div>`;
}

function Ended({ one, to }) {
  const first = useFocus();
  return html`<${Live} icon="check" text=${outcomeWords(one)} />
    <div class="row"><button type="button" class="primary big" ref=${first} onClick=${() => leave(to)}>${t('payment.leave')}</button></div>`;
}

/** The first thing to press. */
function useFocus() {
  const first = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => first.current?.focus(), []);
  return first;
}
