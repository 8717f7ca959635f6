/** A button that reads the customer's code by the tablet's camera; nothing where the browser cannot. */
import { html, useEffect, useRef, useState } from '../lib.mjs';
import { readable, watchCamera } from '../camera.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { codeTaker, dialog, say } from '../state.mjs';
import { focusOnce } from './signin.mjs';

const WORDS = { refused: () => t('camera.refused'), missing: () => t('camera.missing'), broken: () => t('camera.broken') };

/** What it reads goes to who takes the scans. @param {{off: boolean}} props off: nothing can be charged now */
export function CameraScan({ off }) {
  const [formats, setFormats] = useState([]);
  const [open, setOpen] = useState(false);
  const [trouble, setTrouble] = useState('');
  const button = useRef(/** @type {HTMLElement|null} */ (null));
  const opened = useRef(false);
  useEffect(() => {
    readable().then(setFormats);
  }, []);
  useEffect(() => {
    if (dialog.value) setOpen(false);
  }, [dialog.value]);
  useEffect(() => {
    if (!open && opened.current) button.current?.focus();
    opened.current = open;
  }, [open]);
  if (formats.length === 0) return null;
  const use = () => {
    setTrouble('');
    setOpen(true);
    say(t('camera.hint'));
  };
  const ended = (end) => {
    setOpen(false);
    if (end.trouble) {
      setTrouble(end.trouble);
      say(WORDS[end.trouble]());
    }
    if (end.code) codeTaker.value?.(end.code);
  };
  if (open) return html`<${Viewer} formats=${formats} ended=${ended} />`;
  return html`<div class="camera">
    <button type="button" class="camera-use" ref=${button} disabled=${off} onClick=${use}><${Icon} name="camera" />${t('camera.use')}</button>
    <p class="fault">${trouble && WORDS[trouble]()}</p>
  </div>`;
}

/** The picture with a frame to aim with; gone from the page, the camera is off. */
function Viewer({ formats, ended }) {
  const video = useRef(/** @type {HTMLVideoElement|null} */ (null));
  useEffect(() => watchCamera(video.current, formats, ended), []);
  const escape = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    ended({});
  };
  return html`<div class="camera" role="group" aria-label=${t('camera.use')} onKeyDown=${escape}>
    <div class="camera-picture"><video ref=${video} muted playsinline aria-label=${t('camera.picture')} /></div>
    <p class="soft">${t('camera.hint')}</p>
    <button type="button" class="camera-close" ref=${focusOnce} onClick=${() => ended({})}><${Icon} name="close" />${t('close')}</button>
  </div>`;
}
