/** The hub's states and codes in plain words. */
import { t } from '../till/i18n.mjs';

const JOBS = {
  queued: () => ['warn', t('console.job.queued')],
  sending: () => ['warn', t('console.job.sending')],
  done: () => ['good', t('console.job.done')],
  sent: () => ['good', t('console.job.sent')],
  refused: () => ['bad', t('console.job.refused')],
  unknown: () => ['bad', t('console.job.unknown')],
  cancelled: () => ['quiet', t('console.job.cancelled')],
};
/** In the order of a job's life. */
export const JOB_STATES = Object.keys(JOBS);

/** @param {string} state @returns {[string, string]} tone and words */
export const jobState = (state) => JOBS[state]?.() ?? ['quiet', state];

const ROLES = {
  pos_printer: () => t('device.printer'),
  label_printer: () => t('console.label_printer'),
  cash_drawer: () => t('device.drawer'),
  scanner: () => t('device.scanner'),
  line_display: () => t('device.display'),
  numeric_display: () => t('device.display'),
  raw_printer: () => t('device.printer'),
  scale: () => t('device.scale'),
  eft_terminal: () => t('device.terminal'),
  wallet: () => t('console.wallet'),
};

/** @param {string} role */
export const roleName = (role) => ROLES[role]?.() ?? role;

/** What to do about an error code (UnifiedPOS names). */
const ADVICE = {
  REC_EMPTY: () => t('console.advice.paper'),
  COVER_OPEN: () => t('console.advice.cover'),
  CUTTER: () => t('console.advice.cutter'),
  NOHARDWARE: () => t('console.advice.wire'),
  CLOSED: () => t('console.advice.wire'),
  OFFLINE: () => t('console.advice.offline'),
  TIMEOUT: () => t('console.advice.silent'),
  BUSY: () => t('console.advice.busy'),
  CLAIMED: () => t('console.advice.busy'),
  ILLEGAL: () => t('console.advice.settings'),
  OVERHEAT: () => t('console.advice.restart'),
  UNRECOVERABLE: () => t('console.advice.restart'),
  OVERWEIGHT: () => t('console.advice.scale'),
  UNDER_ZERO: () => t('console.advice.scale'),
  FAILURE: () => t('console.advice.log'),
};
/** What a person does about a device's state, or "". @param {any} device */
export function advice(device) {
  if (device.state === 'disabled') return t('console.advice.disabled');
  if (device.error_code) return (ADVICE[device.error_code] ?? ADVICE.FAILURE)();
  if (device.state === 'offline') return ADVICE.NOHARDWARE();
  if (device.drawer_alarm) return t('console.advice.drawer');
  return device.status?.paper_near_end ? t('console.advice.near_end') : '';
}

const LEVELS = {
  debug: () => t('console.level.debug'),
  info: () => t('console.level.info'),
  warning: () => t('console.level.warning'),
  error: () => t('console.level.error'),
  critical: () => t('console.level.critical'),
};
export const LEVEL_NAMES = ['debug', 'info', 'warning', 'error'];

/** @param {string} level */
export const levelName = (level) => LEVELS[level]?.() ?? level;

const JOURNAL = {
  ok: () => ['good', t('console.journal.ok')],
  verifying: () => ['good', t('console.journal.verifying')],
  damaged: () => ['bad', t('console.journal.damaged')],
  unavailable: () => ['bad', t('console.journal.unavailable')],
};

/** @param {string} state @returns {[string, string]} tone and words */
export const journalState = (state) => JOURNAL[state]?.() ?? ['warn', state];

const ACTIONS = {
  load_paper: () => t('console.act.load_paper'),
  load_labels: () => t('console.act.load_labels'),
  open_drawer: () => t('console.act.open_drawer'),
  close_drawer: () => t('console.act.close_drawer'),
  scan: () => t('console.act.scan'),
  put: () => t('console.act.put'),
  take_off: () => t('console.act.take_off'),
  outcome: () => t('console.act.outcome'),
  scheme: () => t('console.act.scheme'),
  tip: () => t('console.act.tip'),
  confirm: () => t('console.act.confirm'),
  refuse: () => t('console.act.refuse'),
};

/** @param {string} action of a simulated device */
export const actionName = (action) => ACTIONS[action]();

const FAULTS = {
  paper_end: () => t('console.fault.paper_end'),
  paper_near_end: () => t('console.fault.paper_near_end'),
  cover_open: () => t('console.fault.cover_open'),
  cutter_error: () => t('console.fault.cutter_error'),
  offline: () => t('console.fault.offline'),
  no_process_id: () => t('console.fault.no_process_id'),
  no_asb: () => t('console.fault.no_asb'),
  silent: () => t('console.fault.silent'),
  reset: () => t('console.fault.reset'),
  drawer_jam: () => t('console.fault.drawer_jam'),
  no_drawer_sensor: () => t('console.fault.no_drawer_sensor'),
  no_suffix: () => t('console.fault.no_suffix'),
  garbage: () => t('console.fault.garbage'),
  double: () => t('console.fault.double'),
  slow: () => t('console.fault.slow'),
  dark: () => t('console.fault.dark'),
  motion: () => t('console.fault.motion'),
  overload: () => t('console.fault.overload'),
  under_zero: () => t('console.fault.under_zero'),
  creep: () => t('console.fault.creep'),
  parity_bits: () => t('console.fault.parity_bits'),
  bad_check: () => t('console.fault.bad_check'),
  busy: () => t('console.fault.busy'),
  duplicate_reply: () => t('console.fault.duplicate_reply'),
  late_reply: () => t('console.fault.late_reply'),
  lost_ack: () => t('console.fault.lost_ack'),
  lost_reply: () => t('console.fault.lost_reply'),
  lost_request: () => t('console.fault.lost_request'),
  power_cut: () => t('console.fault.power_cut'),
  slow_host: () => t('console.fault.slow_host'),
  split: () => t('console.fault.split'),
  unlisted_code: () => t('console.fault.unlisted_code'),
  unreachable: () => t('console.fault.unreachable'),
  unsolicited: () => t('console.fault.unsolicited'),
  user_paying: () => t('console.fault.user_paying'),
  wrong_amount: () => t('console.fault.wrong_amount'),
};

/** The commonest faults by name; of others their own words, which stand below it anyway. @param {{name: string}} fault */
export const faultName = ({ name }) => FAULTS[name]?.() ?? name;
