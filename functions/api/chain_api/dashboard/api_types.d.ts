/**
 * The bodies of the API's answers, as far as the page reads them. openapi.json describes them
 * whole.
 */

/** A contract: prices in rupees, open interest in lots; null where the source sent nothing. */
export type Leg = Record<string, number | string | boolean | null>;

/** Volatilities solved from prices, or as the exchange (or a vendor) sent them. */
export type IvChoice = "price" | "exchange";

/** What all contracts are priced with. */
export interface PricingModel {
    forward: number | null;
    forward_source: string;
    /** risk-free, percent a year, continuous */
    rate: number;
    /** calendar days until the payoff is fixed */
    days_to_expiry: number;
    payoff_fixed: boolean;
    iv_source: IvChoice;
}

export interface StrikeRow {
    strike_price: number;
    /** null where the exchange lists no such contract */
    call: Leg | null;
    put: Leg | null;
}

/** The answer of option-chain/{symbol} with layout=rows. */
export interface Chain {
    symbol: string;
    expiry_date: string;
    timestamp: string;
    /** null where the source sends none */
    exchange_timestamp: string | null;
    source: string;
    /** fields that are differences of two numbers that the source sends */
    derived: string[];
    dated_by: "exchange" | "receipt";
    last_seen_at: string;
    age_seconds: number;
    gap: boolean;
    /** the final chain of its day, of the evening */
    settled: boolean;
    /** the price of the underlying stands still while options trade */
    frozen: boolean;
    frozen_since: string | null;
    /** units of the underlying in one contract; null where it is not known */
    lot_size: number | null;
    lot_size_reason: string | null;
    model: PricingModel;
    underlying_value: number | null;
    total_calls: number;
    total_puts: number;
    rows: StrikeRow[];
}

/** The names of the figures that are single numbers. */
export type Metric =
    | "atm_iv"
    | "atm_strike"
    | "implied_move_percent"
    | "max_pain"
    | "pcr_oi"
    | "pcr_volume"
    | "resistance"
    | "skew_25_delta"
    | "straddle_price"
    | "support"
    | "underlying_value";

export interface BySide<T> {
    calls: T;
    puts: T;
}

/** The answer of option-chain/{symbol}/analytics. */
export type Analytics = Record<Metric, number | null> & {
    timestamp: string;
    /** contracts that the snapshot before it has and this one lacks; null if there is none before */
    legs_missing: number | null;
    model: PricingModel;
    /** says where the money is: the spot or, while that is frozen, the forward */
    reference_price: number | null;
    reference_source: "spot" | "forward" | null;
    /** contracts without a close of the day before; null where the record does not tell */
    newly_listed: number | null;
    largest_oi: BySide<{ strike_price: number; open_interest: number }[]>;
    fastest_oi: BySide<{ strike_price: number; change_in_oi: number }[]>;
    /** numbers of contracts by kind of build-up */
    buildup: BySide<Record<string, number>>;
    /** why a figure is null, by its name */
    reasons: Record<string, string>;
};

/** A line of a day: arrays of one length. */
export interface SparkPoints {
    at: string[];
    values: (number | null)[];
}

/** A row of the screener; the numbers are under the names of their columns. */
export interface ScreenerRow {
    [column: string]: unknown;
    symbol: string;
    kind: string | null;
    tier: string | null;
    timestamp: string | null;
    last_seen_at: string | null;
    age_seconds: number | null;
    gap: boolean;
    lot_size: number | null;
    reference_price: number | null;
    reasons: Record<string, string>;
    sparkline: SparkPoints;
}

/** The answer of screener with a sparkline. */
export interface Screener {
    /** null where nothing is recorded */
    timestamp: string | null;
    last_seen_at: string | null;
    records: ScreenerRow[];
}

/** The answer of health, with status 200 or 503. */
export interface Health {
    status: string;
    /** of the answer: the time of the API */
    timestamp: string;
    market: "open" | "closed";
    next_opening: string | null;
    simulated: boolean;
    /** in which every symbol is read once */
    interval_seconds: number;
    /** in which the symbols of each tier are read once; an older API sends none */
    tiers?: { tier: string; period_seconds: number }[];
    reasons: Remark[];
    /** what is doubtful about the calendar and the lists; an older API sends none */
    notices?: Remark[];
}

/** The answer of option-chain/{symbol}/days, as far as the page reads it. */
export interface Days {
    /** the nearest recorded day before those asked for */
    before: string | null;
    after: string | null;
    /** by day, 2026-06-19 */
    days: { day: string; snapshots: number; first_timestamp: string | null }[];
}

/** A reason or a notice. */
export interface Remark {
    code: string;
    detail: string;
    /** the symbol that it concerns; without one it concerns all */
    symbol?: string;
    age_seconds?: number;
}

/** A candle of history with greeks: prices in rupees, open interest and volume in lots. */
export interface ContractCandle {
    /** the beginning of the interval */
    timestamp: string;
    /** the tick of the last document in it */
    snapshot_timestamp: string;
    /** how many documents are in it */
    count: number;
    open: number | null;
    high: number | null;
    low: number | null;
    close: number | null;
    open_interest: number | null;
    volume: number | null;
    /** why there is no volume */
    volume_reason: string | null;
    /** of the last document in it */
    iv: number | null;
    iv_source: string | null;
    iv_reason: string | null;
}

/** A document of history: a contract at one tick. */
export interface ContractDocument {
    fetched_at: string;
    last_price: number | null;
    bid_price: number | null;
    ask_price: number | null;
    open_interest: number | null;
    total_traded_volume: number | null;
}

/** The answer of gaps. */
export interface GapsOfDay {
    sessions: { opens: string; closes: string }[];
    interval_seconds: number;
    gaps: { outcome: string; reason: string | null; start: string; end: string; ticks: number }[];
}

/** An error's body, as RFC 9457 describes it. */
export interface Problem {
    type: string;
    detail: string;
    /** the parameter that was refused */
    field?: string;
    /** where the symbol is not recorded, those that are */
    known_symbols?: string[];
}
