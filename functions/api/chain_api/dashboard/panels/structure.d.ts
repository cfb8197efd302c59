/** The bodies of the API's answers that the panels heat, gamma and volatility read. */

import type { PricingModel } from "../api_types.d.ts";

type Numbers = (number | null)[];

/** A record of analytics/open-interest/history, with arrays in the order of its strikes. */
export interface InterestRecord {
    /** where the interval begins */
    timestamp: string;
    snapshot_timestamp: string;
    reference_price: number | null;
    underlying_value: number | null;
    call_open_interest: Numbers;
    put_open_interest: Numbers;
    /** those of its page; the page of the panel adds them */
    strikes: number[];
}

/** The answer of analytics/gamma-exposure. */
export interface GammaAnswer {
    timestamp: string;
    expiry_date: string | null;
    lot_size: number | null;
    reference_price: number | null;
    reference_source: "spot" | "forward" | null;
    totals: Record<string, number | null>;
    flip_level: number | null;
    unpriced_legs: number;
    strike_prices: number[];
    call_gamma_exposure: Numbers;
    put_gamma_exposure: Numbers;
    net_gamma_exposure: Numbers;
    call_gamma_exposure_rupees: Numbers;
    put_gamma_exposure_rupees: Numbers;
    net_gamma_exposure_rupees: Numbers;
    profile: {
        prices: number[];
        net_gamma_exposure: number[];
        net_gamma_exposure_rupees: Numbers;
    };
    reasons: Record<string, string>;
}

/** A record of analytics/term-structure. */
export interface TermRecord {
    [name: string]: unknown;
    expiry_date: string;
    days_to_expiry: number;
    /** units of the underlying in one contract; null where it is not known */
    lot_size: number | null;
    forward: number | null;
    atm_iv: number | null;
    straddle_price: number | null;
    reasons: Record<string, string>;
}

/** The answer of analytics/iv-rank. */
export interface IvRank {
    timestamp: string;
    iv_30d: number | null;
    iv_rank: number | null;
    iv_percentile: number | null;
    /** how many recorded days before have a volatility */
    iv_days: number;
    reasons: Record<string, string>;
}

/** A record of analytics/surface. */
export interface SmileRecord {
    expiry_date: string;
    model: PricingModel;
    strike_prices: number[];
    moneyness_percent: Numbers;
    iv: Numbers;
    call_delta: Numbers;
    put_delta: Numbers;
}
