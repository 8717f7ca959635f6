/** Payments in plain words: what a terminal does, how it ended, why not. */
import { t } from './i18n.mjs';
import { devices } from './state.mjs';

const TENDERS = {
  cash: () => t('tender.cash'),
  card: () => t('tender.card'),
  line_pay: () => t('tender.line_pay'),
  jkopay: () => t('tender.jkopay'),
  alipay: () => t('tender.alipay'),
  wechat_pay: () => t('tender.wechat_pay'),
};

/** @param {string} type of a tender */
export const tenderName = (type) => TENDERS[type]?.() ?? type;

const ACTIVITIES = {
  waiting_for_card: () => t('payment.waiting_for_card'),
  waiting_for_pin: () => t('payment.waiting_for_pin'),
  waiting_for_customer: () => t('payment.waiting_for_customer'),
  waiting_for_host: () => t('payment.waiting_for_host'),
  remove_card: () => t('payment.remove_card'),
  printing: () => t('payment.printing'),
};
const REASONS = {
  declined: () => t('payment.reason.declined'),
  call_bank: () => t('payment.reason.call_bank'),
  cancelled: () => t('payment.reason.cancelled'),
  card: () => t('payment.reason.card'),
  balance: () => t('payment.reason.balance'),
  not_found: () => t('payment.reason.not_found'),
  not_possible: () => t('payment.reason.not_possible'),
  host: () => t('payment.reason.host'),
  timeout: () => t('payment.reason.timeout'),
  busy: () => t('payment.reason.busy'),
  code: () => t('payment.reason.code'),
};
const WHYS = {
  unknown: () => t('unresolved.unknown'),
  manual: () => t('unresolved.manual'),
  disputed: () => t('unresolved.disputed'),
  orphan: () => t('unresolved.orphan'),
  void_open: () => t('unresolved.void_open'),
  reverse_unknown: () => t('unresolved.reverse_unknown'),
};

/** Why a payment is on the manager's list. @param {string} why */
export const whyWords = (why) => WHYS[why]?.() ?? why;

/** What a terminal does, or "". @param {string} activity */
export const activityName = (activity) => ACTIVITIES[activity]?.() ?? '';

/** Does giving it back take the customer's card at the terminal? @param {import('./types.mjs').Payment} one @param {string} kind "refund" or "void" */
export const takesCard = (one, kind) => one.with_card?.includes(kind) ?? false;

/** What the terminal or wallet does just now. @param {import('./types.mjs').Payment} one */
export function activityWords(one) {
  if (takesCard(one, one.kind) && (!one.activity || one.activity === 'waiting_for_card')) return t('payment.same_card');
  // A terminal that waits says so of everything: what goes back without the card asks nobody for one.
  if (one.kind !== 'sale' && one.activity === 'waiting_for_card') return t('payment.working');
  if (activityName(one.activity)) return activityName(one.activity);
  if (one.method === 'wallet') return t('payment.asking_wallet', { name: tenderName(one.tender) });
  return one.state === 'created' || one.state === 'sending' ? t('payment.starting') : t('payment.working');
}

/** Which terminal or wallet it is. @param {import('./types.mjs').Payment} one */
export const providerName = (one) =>
  devices.value.get(one.provider)?.label || (one.method === 'standalone' ? t('charge.standalone') : tenderName(one.tender));

/** What a bank's reason means, or "". @param {string} reason */
export const reasonName = (reason) => REASONS[reason]?.() ?? '';

/** Why it was not taken. @param {import('./types.mjs').Payment} one */
export const reasonWords = (one) => reasonName(one.result?.reason ?? '') || t('payment.reason.other');

/** "VISA …1231". @param {import('./types.mjs').Payment} one */
export const cardWords = (one) =>
  [one.result?.scheme, one.result?.card && `…${one.result.card.slice(-4)}`].filter(Boolean).join(' ') || tenderName(one.tender);

const KINDS = { sale: () => t('payment.sale'), refund: () => t('payment.refund'), void: () => t('payment.void'), tip: () => t('payment.tip') };

/** @param {import('./types.mjs').Payment} one */
export const kindWords = (one) => KINDS[one.kind]();

/** Words that differ by what was asked for: a sale, a tip added to one, or money back. */
const byKind = (one, sale, tip, back) => (one.kind === 'sale' ? sale() : one.kind === 'tip' ? tip() : back());
const tipAdded = () => t('payment.tip_added');
const tipNotAdded = () => t('payment.tip_not_added');
const givenBack = () => t('payment.given_back');
const notGivenBack = () => t('payment.not_given_back');

const OUTCOMES = {
  pending: activityWords,
  approved: (one) => byKind(one, () => t('payment.approved'), tipAdded, givenBack),
  declined: (one) => byKind(one, () => t('payment.declined'), tipNotAdded, notGivenBack),
  not_sent: (one) => byKind(one, () => t('payment.not_sent'), tipNotAdded, notGivenBack),
  unknown: () => t('payment.not_known'),
  reversed: () => t('payment.reversed'),
};

/** Whether it is the customer who pays; else the money goes back. @param {import('./types.mjs').Payment} one */
export const takes = (one) => one.kind === 'sale' || one.kind === 'tip';

/** What is not known. @param {import('./types.mjs').Payment} one */
export const notKnown = (one) => byKind(one, () => t('doubt.sale'), () => t('doubt.tip'), () => t('doubt.back'));

/** What must not be done meanwhile. @param {import('./types.mjs').Payment} one */
export const notAgain = (one) => (takes(one) ? t('doubt.not_again') : t('doubt.not_back_again'));

/** Both. @param {import('./types.mjs').Payment} one */
export const doubtWords = (one) => `${notKnown(one)} ${notAgain(one)}`;

/** What a look at the terminal answers. @param {import('./types.mjs').Payment} one @param {string} amount */
export const questionWords = (one, amount) =>
  byKind(one, () => t('doubt.question', { amount }), () => t('doubt.question_tip', { amount }), () => t('doubt.question_back', { amount }));

/** What a person may choose to say of it. @param {import('./types.mjs').Payment} one @param {boolean} approved */
export const choiceWords = (one, approved) =>
  approved
    ? byKind(one, () => t('unresolved.paid'), tipAdded, () => t('unresolved.given_back'))
    : byKind(one, () => t('unresolved.not_paid'), tipNotAdded, () => t('unresolved.not_given_back'));

/** The same as a sentence. @param {import('./types.mjs').Payment} one @param {boolean} approved */
export const verdictWords = (one, approved) =>
  approved
    ? byKind(one, () => t('resolve.paid'), tipAdded, () => t('resolve.given_back'))
    : byKind(one, () => t('resolve.not_paid'), tipNotAdded, () => t('resolve.not_given_back'));

/** In a few words. @param {import('./types.mjs').Payment} one */
export const outcomeWords = (one) => OUTCOMES[one.outcome](one);

/**
 * Which screen a payment needs: "working", "asking", "manual", "standalone", "approved", "orphan", "declined",
 * "not_sent" or "reversed".
 * @param {import('./types.mjs').Payment} one @param {{id: string}|null} held the basket in hand
 * @param {Map<string, any>} open all baskets that are open or parked
 */
export function sceneOf(one, held, open) {
  if (one.outcome === 'pending') return 'working';
  if (one.outcome === 'unknown') {
    if (one.state !== 'manual') return 'asking';
    return one.method === 'standalone' ? 'standalone' : 'manual';
  }
  if (one.outcome !== 'approved') return one.outcome;
  const wanted = one.kind !== 'sale' || one.sale_id || held?.id === one.basket_id || open.has(one.basket_id ?? '');
  return wanted ? 'approved' : 'orphan';
}
