/**
 * Shapes of the hub's answers, as the till uses them. Amounts are whole minor units, quantities whole thousandths,
 * times Unix milliseconds (UTC).
 *
 * @typedef {{id: string, name: string, currency: string, minor_digits: number, locale: string, timezone: string,
 *   prices_include_tax: boolean, cash_rounding: number}} Store
 * @typedef {{id: string, name: string, scale: string|null, drawer: string|null}} Till
 * @typedef {{id: string, version: string, store: Store, tills: Till[], locales: string[], tenders: string[],
 *   routes: {id: string, name: string}[], email: boolean, pairing_open: boolean, demo: boolean,
 *   journal: {state: string, detail: string}}} Hub
 * @typedef {{client_id: string, token: string, till: string, name: string}} Client  what pairing gave this tablet
 * @typedef {{id: string, name: string, role: string, locale: string, active?: boolean, permissions?: string[]}} Staff
 * @typedef {{id: string, sku: string, name: string, names: Object<string, string>, unit: string, category: string,
 *   price: number, currency: string, barcodes: string[], attributes: Object<string, string>,
 *   on_hand_milli: number|null}} Product
 * @typedef {{basis_points?: number|null, amount?: number|null, reason?: string}} Discount
 * @typedef {{id: string, product_id: string, sku: string, name: string, unit: string, quantity_milli: number,
 *   list_price: number, unit_price: number, override_reason: string|null, discount: Discount|null, before: number,
 *   discount_amount: number, amount: number}} Line
 * @typedef {{type: string, amount: number, reference: string}} Tender
 * @typedef {{id: string, till: string, state: string, version: number, currency: string, label: string,
 *   opened_at_ms: number, lines: Line[], discount: Discount|null, subtotal: number, discount_amount: number,
 *   taxes: {code: string, name: string, rate: string, tax: number}[], total: number, cash_total: number,
 *   tenders: Tender[], due: number, cash_due: number, changed_line: string|null,
 *   warnings: {product_id: string, name: string, on_hand_milli: number}[]}} Basket
 * @typedef {{id: string, seq: number, till: string, receipt_label: string, sold_at_ms: number, currency: string,
 *   total: number, change: number, jobs?: string[]}} Sale
 * @typedef {{provider: string, method: string, type: string, label: string, ready: boolean, why_not: string,
 *   why_not_text: string, needs_code: boolean, tips: boolean, adds_tips: boolean, refunds: boolean, voids: boolean,
 *   settles: boolean, stops: boolean}} Offer  what a till can be paid by
 * @typedef {{reason: string, text: string, scheme: string, card: string, approval: string, receipt: string,
 *   terminal_id: string}} PaymentResult
 * @typedef {{id: string, kind: string, method: string, provider: string, tender: string, till: string, state: string,
 *   outcome: string, amount: number, tip: number, reference: string, basket_id: string|null, original_id: string|null,
 *   sale_id: string|null, automatic: boolean, opened_ms: number, updated_ms: number, version: number, activity: string,
 *   activity_text: string, detail: string, why: string, with_card: string[], inquiries: number,
 *   evidence: {staff: string, slip: string, note: string, photo_sha256: string}|null,
 *   result: PaymentResult|null}} Payment
 * @typedef {{id: string, terminal: string, state: string, opened_ms: number, closed_ms: number|null, detail: string,
 *   terminal_totals: Object<string, any>|null, journal_totals: Object<string, any>|null,
 *   differences: {what: string, terminal: number, journal: number, payment_id: string|null}[]}} Settlement
 * @typedef {{online: boolean|null, cover_open: boolean|null, paper_end: boolean|null, paper_near_end: boolean|null,
 *   cutter_error: boolean|null, unrecoverable: boolean|null, drawer?: string}} PrinterStatus
 * @typedef {{id: string, label: string, roles: string[], state: string, error_text: string,
 *   status: PrinterStatus|null, drawer: string|null, drawer_open_since_ms: number|null,
 *   drawer_alarm: boolean, simulated: boolean, claimed_by: string|null}} Device
 * @typedef {{id: string, device: string, kind: string, state: string, title: string, copy: number,
 *   error_text: string, created_ms: number}} Job
 */
export {};
