/** Pieces that every page uses. */
import { html, useEffect, useRef } from './lib.mjs';
import { link } from './api.mjs';
import { t } from './i18n.mjs';
import { Icon } from './icons.mjs';
import { basket, dialog, spoken, toasts, untell } from './state.mjs';

/** A modal dialog; Escape and the cross close it. @param {{title: string, children?: any, wide?: boolean}} props */
export function Dialog({ title, children, wide = false }) {
  const ref = useRef(null);
  useEffect(() => {
    const element = ref.current;
    const opener = /** @type {HTMLElement|null} */ (document.activeElement);
    element.showModal();
    element.querySelector('[data-first]')?.focus();
    return () => {
      element.close();
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    shut();
  };
  const outside = (event) => event.target === ref.current && shut();
  return html`<dialog ref=${ref} class=${wide ? 'dialog wide' : 'dialog'} aria-labelledby="dialog-title" onCancel=${cancel}
    onPointerDown=${outside}>
    <header class="dialog-head">
      <h2 id="dialog-title">${title}</h2>
      <button type="button" class="plain square" onClick=${shut} aria-label=${t('close')}><${Icon} name="close" /></button>
    </header>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}

/** Before money goes back: its owner must be there with the card. @param {{needed: boolean}} props */
export const WithCard = ({ needed }) => needed && html`<p id="with-card" class="with-card"><${Icon} name="card" /><span>${t('back.with_card')}</span></p>`;

/** Close the open dialog. */
export function shut() {
  dialog.value = null;
}

/** Calm words while the hub cannot be reached. */
export function AwayBanner() {
  if (link.value !== 'away') return null;
  const text = basket.value?.lines.length ? t('away.basket') : t('away.plain');
  return html`<div class="banner" role="status"><${Icon} name="cloud" /><span>${text}</span><span class="dots" aria-hidden="true" /></div>`;
}

/** Short messages, with a way back where there is one. */
export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(
      (toast) => html`<div key=${toast.id} class=${`toast ${toast.tone}`}>
        ${toast.tone === 'bad' && html`<${Icon} name="alert" />`}
        <span>${toast.text}</span>
        ${toast.act && html`<button type="button" class="plain" onClick=${() => act(toast)}>${toast.act.label}</button>`}
        <button type="button" class="plain square" aria-label=${t('close')} onClick=${() => untell(toast.id)}>
          <${Icon} name="close" size=${18} />
        </button>
      </div>`,
    )}
  </div>`;
}

function act(toast) {
  untell(toast.id);
  toast.act.run();
}

/** What is only heard. */
export const Spoken = () => html`<p class="unseen" aria-live="polite">${spoken.value}</p>`;

/** Nothing here yet, and what to do. @param {{icon: string, title: string, text?: string, children?: any}} props */
export function Empty({ icon, title, text, children }) {
  return html`<div class="empty"><span class="empty-icon"><${Icon} name=${icon} size=${40} /></span>
    <p class="empty-title">${title}</p>
    ${text && html`<p>${text}</p>`}${children}</div>`;
}

/**
 * Number keys for fingers. @param {{onKey: (key: string) => void, extra?: string, label: string}} props
 * `extra` is the key left of 0 ("00", "," or nothing); "erase" is the key right of it.
 */
export function Keypad({ onKey, extra = '', label }) {
  const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', extra, '0'];
  return html`<div class="keypad" role="group" aria-label=${label}>
    ${keys.map((key) =>
      key === '' ? html`<span />` : html`<button type="button" key=${key} onClick=${() => onKey(key)}>${key}</button>`,
    )}
    <button type="button" aria-label=${t('keypad.erase')} onClick=${() => onKey('erase')}><${Icon} name="erase" /></button>
  </div>`;
}

/** `text` after a key of the keypad. @param {string} text @param {string} key */
export const typed = (text, key) => (key === 'erase' ? text.slice(0, -1) : text + key);

/** A shortcut's key, shown on wide screens with a keyboard. @param {{children?: any}} props */
export const Key = ({ children }) => html`<kbd aria-hidden="true">${children}</kbd>`;
