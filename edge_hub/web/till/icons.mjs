/** Line icons, drawn for a 24-unit square; decoration only, words stand beside them or in a label. */
import { html } from './lib.mjs';

const PATHS = {
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 21 21',
  scale: 'M4 20h16l-1.5-9h-13zM12 11V7M6 4.5h12M9 4.5a3 3 0 0 0 6 0M12 14.5a1.5 1.5 0 1 0 .01 0',
  scan: 'M4 8V5h3M17 5h3v3M20 16v3h-3M7 19H4v-3M8 9v6M11 9v6M13.5 9v6M16 9v6',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  park: 'M8 5v14M16 5v14',
  parked: 'M4 8h16M4 8l2-4h12l2 4v12H4zM9 12h6',
  history: 'M4 12a8 8 0 1 0 3-6.2M4 4v4h4M12 8v4l3 2',
  printer: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  drawer: 'M3 10h18v9H3zM6 10V6h12v4M10 14.5h4',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20a7.5 7.5 0 0 1 15 0',
  help: 'M9 9.5a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8v.5M12 17.8v.2',
  discount: 'M5 19 19 5M7.5 5.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4M16.5 14.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4',
  cash: 'M3 7h18v10H3zM12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M6 10v4M18 10v4',
  card: 'M3 6h18v12H3zM3 10h18M6.5 14.5h4',
  phone: 'M7 3h10v18H7zM10.5 18h3',
  wait: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 8v4.5l3 2',
  camera: 'M3 8h4l2-3h6l2 3h4v11H3zM12 10a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7',
  check: 'M5 12.5 10 17.5 19.5 7',
  alert: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.2',
  cloud: 'M7 18a4.2 4.2 0 0 1 .3-8.4 5.5 5.5 0 0 1 10.5 1.5A3.5 3.5 0 0 1 17.5 18zM4 4l16 16',
  basket: 'M3 9h18l-2 11H5zM8 9l3-5M16 9l-3-5',
  grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  erase: 'M9 6h11v12H9l-6-6zM12.5 9.5l5 5M17.5 9.5l-5 5',
  list: 'M4 6h16M4 12h16M4 18h10',
  send: 'M3 11.5 21 4l-6.5 16-3.5-6.5zM11 13.5 21 4',
  mail: 'M3 6h18v12H3zM3.5 6.5 12 13.5l8.5-7',
  pair: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
};

/** @param {{name: keyof typeof PATHS, size?: number}} props */
export function Icon({ name, size = 22 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`;
}
