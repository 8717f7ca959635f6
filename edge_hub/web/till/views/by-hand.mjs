/** What a person says of a payment: a terminal of its own, or one that asking did not settle. One question at a time. */
import { html, useRef, useState } from '../lib.mjs';
import { link } from '../api.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { choiceWords, notAgain, questionWords, verdictWords } from '../payment-words.mjs';
import { about, keepPhoto, leaveBasket } from '../payments.mjs';
import { basket, may, money, tell } from '../state.mjs';
import { focusOnce } from './signin.mjs';

const SLIP_LENGTH_MAX = 40;
const NOTE_LENGTH_MAX = 200;
const SLIP = '[A-Za-z0-9 .\\/\\-]*';
const PHOTO_SIDE_MAX = 1600;
const PHOTO_QUALITY = 0.85;

/** Did the terminal print a slip? Then who may say so says it. */
export function ByHand({ one }) {
  const [printed, setPrinted] = useState(/** @type {boolean|null} */ (null));
  const wallet = one.method === 'wallet';
  const amount = money(one.amount);
  const question = wallet ? t('doubt.question_wallet', { amount }) : questionWords(one, amount);
  if (printed === null) {
    return html`<div class="live" role="status"><${Icon} name="help" size=${34} />
        <p><strong>${question}</strong><small class="soft">${notAgain(one)}</small></p></div>
      <div class="row"><button type="button" class="big" onClick=${() => setPrinted(true)}>${wallet ? t('doubt.yes_wallet') : t('doubt.yes')}</button>
        <button type="button" class="big" onClick=${() => setPrinted(false)}>${wallet ? t('doubt.no_wallet') : t('doubt.no')}</button></div>
      <div class="row"><button type="button" class="plain" disabled=${link.value === 'away'} onClick=${() => about(one, 'ask')}>${t('doubt.ask')}</button>
        <${Next} one=${one} /></div>`;
  }
  const back = () => setPrinted(null);
  if (!may('resolve_payment')) {
    return html`<div class="live" role="status"><${Icon} name="person" size=${34} />
        <p><strong>${t('doubt.call')}</strong><small class="soft">${printed ? t('doubt.call_slip') : t('doubt.call_how')}</small></p></div>
      <div class="row"><button type="button" class="plain" onClick=${back}><${Icon} name="back" />${t('doubt.back_to')}</button><${Next} one=${one} /></div>`;
  }
  return html`<${Resolve} one=${one} approved=${printed} back=${back} />`;
}

/** The next customer need not wait. @param {{one: import('../types.mjs').Payment}} props */
export function Next({ one }) {
  if (one.kind !== 'sale' || basket.value?.id !== one.basket_id) return null;
  return html`<button type="button" class="big" onClick=${leaveBasket}><${Icon} name="person" />${t('doubt.next')}</button>`;
}

/** The evidence: a slip's number, a note or a photo. @param {{one: import('../types.mjs').Payment, approved: boolean, back: () => void}} props */
export function Resolve({ one, approved, back }) {
  const [slip, setSlip] = useState('');
  const [note, setNote] = useState('');
  const [photo, setPhoto] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const said = { outcome: approved ? 'approved' : 'declined', slip: slip.trim(), note: note.trim(), photo_sha256: photo };
    if (await about(one, 'resolve', said)) tell(t('resolve.done'));
    else setBusy(false);
  };
  return html`<form class="stack resolve" onSubmit=${submit}>
    <p><strong>${verdictWords(one, approved)}</strong><br /><span class="soft">${t('resolve.how')}</span></p>
    ${approved && html`<label class="field"><span>${t('resolve.slip')}</span>
      <input autocomplete="off" spellcheck="false" maxlength=${SLIP_LENGTH_MAX} pattern=${SLIP} value=${slip} ref=${focusOnce} onInput=${(event) => setSlip(event.target.value)} /></label>`}
    <label class="field"><span>${t('resolve.note')}</span>
      <input autocomplete="off" maxlength=${NOTE_LENGTH_MAX} value=${note} ref=${approved ? undefined : focusOnce}
        placeholder=${approved ? '' : t('resolve.note_example')} onInput=${(event) => setNote(event.target.value)} /></label>
    <${Photo} kept=${photo} keep=${setPhoto} />
    <div class="row"><button type="button" onClick=${back}><${Icon} name="back" />${t('doubt.back_to')}</button>
      <button class="primary" disabled=${busy || link.value === 'away' || !(slip.trim() || note.trim() || photo)}><${Icon} name="check" />
        ${noteWords(one, approved)}</button></div>
  </form>`;
}

/** What the button that says it notes. */
function noteWords(one, approved) {
  if (one.kind === 'refund' || one.kind === 'void') return approved ? t('resolve.do_given_back') : t('resolve.do_not_given_back');
  return approved ? t('resolve.do_paid') : t('resolve.do_not_paid');
}

/** A photo of the slip, made small enough before it is sent. */
function Photo({ kept, keep }) {
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  const [busy, setBusy] = useState(false);
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    setBusy(true);
    try {
      keep(await keepPhoto(await smaller(file)));
    } catch {
      tell(t('resolve.photo_bad'), { tone: 'bad' });
    }
    setBusy(false);
  };
  return html`<div class="photo"><input ref=${field} hidden type="file" accept="image/*" capture="environment" onChange=${take} />
    <button type="button" disabled=${busy || link.value === 'away'} onClick=${() => field.current?.click()}><${Icon} name=${kept ? 'check' : 'camera'} />
      ${kept ? t('resolve.photo_kept') : t('resolve.photo')}</button></div>`;
}

/** @param {File} file @returns {Promise<Blob>} JPEG of at most PHOTO_SIDE_MAX */
async function smaller(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((made) => (made ? resolve(made) : reject(new Error('no picture'))), 'image/jpeg', PHOTO_QUALITY);
  });
}

/** A terminal of its own: its cashier types the amount there, and its slip's number here. */
export function Standalone({ one }) {
  const [slip, setSlip] = useState('');
  const [busy, setBusy] = useState(false);
  const say = async (said) => {
    setBusy(true);
    if (!(await about(one, 'resolve', said))) setBusy(false);
  };
  const submit = (event) => {
    event.preventDefault();
    say({ outcome: 'approved', slip: slip.trim() });
  };
  const off = busy || link.value === 'away';
  const what = one.kind === 'sale' ? t('standalone.type', { amount: money(one.amount) }) : t('standalone.type_back', { amount: money(one.amount) });
  return html`<div class="live" role="status"><${Icon} name="card" size=${34} /><p><strong>${what}</strong></p></div>
    <form class="stack resolve" onSubmit=${submit}>
      <label class="field"><span>${t('standalone.slip')}</span>
        <input autocomplete="off" spellcheck="false" maxlength=${SLIP_LENGTH_MAX} pattern=${SLIP} value=${slip} ref=${focusOnce} onInput=${(event) => setSlip(event.target.value)} /></label>
      <div class="row"><button type="button" class="big" disabled=${off} onClick=${() => say({ outcome: 'declined', note: t('standalone.not_taken_note') })}>${one.kind === 'sale' ? t('standalone.not_taken') : choiceWords(one, false)}</button>
        <button class="primary big" disabled=${off || !slip.trim()}><${Icon} name="check" />${t('standalone.taken')}</button></div>
    </form>`;
}
