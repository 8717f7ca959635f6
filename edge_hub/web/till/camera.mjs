/**
 * The tablet's camera as a scanner, with the browser's own reader of codes. Needs a secure context. The picture stays in
 * the page: nothing is recorded or sent.
 */

/** What wallets show. */
const FORMATS = ['qr_code', 'code_128', 'ean_13'];
const LOOK_EVERY_MS = 200;
/** Fine enough for the bars of a long code. */
const WIDTH_PX = 1280;
const TROUBLES = { NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'missing', OverconstrainedError: 'missing' };

/** The formats this browser reads through a camera; none where it cannot. @returns {Promise<string[]>} */
export async function readable() {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !window.BarcodeDetector) return [];
  try {
    const known = await window.BarcodeDetector.getSupportedFormats();
    return FORMATS.filter((format) => known.includes(format));
  } catch {
    return [];
  }
}

/**
 * Look through the rear camera until a code is seen, something is wrong or the page is hidden; then it is off already.
 * @param {HTMLVideoElement} video shows the picture
 * @param {string[]} formats of `readable`
 * @param {(end: {code?: string, trouble?: 'refused'|'missing'|'broken'}) => void} ended not called after `stop`
 * @returns {() => void} stop
 */
export function watchCamera(video, formats, ended) {
  const over = new AbortController();
  let stream = null;
  const release = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  };
  const stop = () => {
    over.abort();
    release();
  };
  const end = (how) => {
    if (over.signal.aborted) return;
    stop();
    ended(how);
  };
  const look = async () => {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: WIDTH_PX } },
      audio: false,
    });
    if (document.hidden) end({});
    if (over.signal.aborted) {
      release();
      return;
    }
    for (const track of stream.getTracks()) track.addEventListener('ended', () => end({ trouble: 'broken' }));
    video.srcObject = stream;
    await video.play();
    const detector = new window.BarcodeDetector({ formats });
    while (!over.signal.aborted) {
      const code = (await detector.detect(video)).find((one) => one.rawValue)?.rawValue;
      if (code) end({ code });
      else await new Promise((again) => setTimeout(again, LOOK_EVERY_MS));
    }
  };
  // The system's question whether the camera may be used can hide the page: until it is answered that is no leaving.
  document.addEventListener('visibilitychange', () => document.hidden && stream && end({}), { signal: over.signal });
  window.addEventListener('pagehide', () => end({}), { signal: over.signal });
  look().catch((error) => end({ trouble: TROUBLES[error.name] ?? 'broken' }));
  return stop;
}
