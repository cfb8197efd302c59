/** The page: what is looked at, asked for on every beat, and what becomes of an answer or a refusal. */

import { isNothing, Refusal } from "./api.js";
import { viewInAddress, writeAddress } from "./address.js";
import { Day } from "./day.js";
import { Desk } from "./desk.js";
import { Errands } from "./errands.js";
import { isoDay, time } from "./format.js";
import { KeyDialog } from "./key_dialog.js";
import { ageNow, isSame } from "./picture.js";
import { Pickers } from "./pickers.js";
import { Pulse } from "./pulse.js";
import { firstSymbol, seek } from "./seek.js";
import { showHealth, showState } from "./standing.js";
import { showAge, showMarket } from "./tiles.js";
import { TimeBar } from "./time_bar.js";
import { troubleInWords, verdict } from "./verdict.js";

const MISSED_AFTER_MS = 20000;
const REMARK_MS = 15000;

class Page {
    constructor() {
        this.view = viewInAddress();
        /** @type {import("./picture.js").Picture | null} */
        this.picture = null;
        /** @type {import("./picture.js").Picture | null} */
        this.latest = null;
        /** @type {{state: any, words: string} | null} why there is no answer */
        this.trouble = null;
        this.remark = "";
        this.answered = -Infinity;
        this.day = new Day();
        this.pickers = new Pickers({
            symbol: (symbol) => this.look({ symbol, expiry: null }),
            expiry: (expiry) => this.look({ expiry }),
        });
        this.timeBar = new TimeBar({
            moment: (at) => this.look({ at }),
            live: () => this.look({ at: null }),
            day: (day) => this.look({ at: day === isoDay(Date.now()) ? null : day }),
        });
        this.desk = new Desk((at) => this.look({ at }));
        this.errands = new Errands(this.pickers, this.day);
        this.pulse = new Pulse(
            (signal) => this.beat(signal),
            (error, wait) => this.refused(error, wait),
        );
        this.key = new KeyDialog(() => this.pulse.now());
        setInterval(() => document.hidden || this.stand(), 1000);
        this.pulse.now();
    }

    /** Look at something else, at once. @param {Partial<import("./address.js").View>} change */
    look(change) {
        this.view = { ...this.view, ...change };
        this.remark = "";
        if (this.strange()) showState("loading");
        this.pulse.now();
    }

    /** Whether what is shown is of another symbol or expiry than what is looked at. */
    strange() {
        const { symbol, expiry } = this.view;
        const chain = this.picture?.chain;
        return (
            Boolean(chain) && (chain.symbol !== symbol || (expiry !== null && chain.expiry_date !== expiry))
        );
    }

    async beat(signal) {
        this.errands.askHealth(signal).then((asked) => asked && this.stand());
        if (!this.view.symbol) this.view.symbol = await firstSymbol(this.errands, this.pickers, signal);
        if (!this.isShown()) {
            const latest = this.view.at ? null : this.latest;
            const { picture, remark } = await seek(this.view, latest, this.errands, this.pickers, signal);
            signal.throwIfAborted();
            if (remark) this.say(remark);
            this.apply(picture);
        }
        const changed = await this.errands.run(this.picture, signal);
        signal.throwIfAborted();
        if (changed) this.showDay();
        this.trouble = null;
        this.stand();
    }

    /** Tell what was not as asked for, for a while. @param {string} remark */
    say(remark) {
        this.view.expiry = null;
        this.remark = remark;
        setTimeout(() => (this.remark = ""), REMARK_MS);
    }

    /** The past is asked for once. */
    isShown() {
        return this.view.at !== null && this.picture?.at === this.view.at && !this.strange();
    }

    /** @param {import("./picture.js").Picture} picture */
    apply(picture) {
        const news = !isSame(this.picture, picture) || this.picture.at !== picture.at;
        if (this.view.expiry) this.view.expiry = picture.chain.expiry_date;
        if (picture.at) this.view.at = picture.at = picture.chain.timestamp;
        else this.latest = picture;
        this.picture = picture;
        this.trouble = null;
        if (!picture.at) {
            if (performance.now() - this.answered > MISSED_AFTER_MS) this.day.doubt();
            this.answered = performance.now();
        }
        if (news) this.show(picture);
        this.stand();
    }

    show(picture) {
        const { chain, at } = picture;
        this.view.symbol = chain.symbol;
        this.day.add(picture);
        this.desk.show(picture, this.day);
        this.timeBar.show(this.day, chain.timestamp, at === null);
        this.pickers.symbol.value = chain.symbol;
        this.pickers.showExpiries(
            [...this.pickers.expiry.options].map((option) => option.value),
            chain.expiry_date,
        );
        writeAddress({ symbol: chain.symbol, expiry: chain.expiry_date, at });
    }

    showDay() {
        this.desk.showDay(this.day);
        this.timeBar.show(this.day, this.picture.chain.timestamp, this.picture.at === null);
    }

    refused(error, wait) {
        const refusal = error instanceof Refusal ? error : new Refusal("away", `The page failed: ${error}`);
        if (!(error instanceof Refusal)) reportError(error);
        const nothing = isNothing(refusal);
        if (nothing || this.strange()) {
            this.picture = this.latest = null;
            this.desk.clear();
            this.timeBar.clear(this.view.at === null);
        } else if (this.picture) this.showDay(); // the slider goes back to what is shown
        this.trouble = {
            state: nothing ? "empty" : refusal.kind,
            words: troubleInWords(refusal, wait, this.picture),
        };
        if (refusal.kind === "key") this.key.wanted();
        this.stand();
    }

    /** Say how the page stands: each second, since data grow old by themselves. */
    stand() {
        const { picture, trouble } = this;
        const { health } = this.errands;
        const replayed = Boolean(picture?.at);
        showHealth(health);
        showMarket(health, replayed);
        const age = !picture ? null : replayed ? picture.seen.age : ageNow(picture.seen);
        showAge(age, picture ? `confirmed ${time(picture.seen.lastSeenAt)}` : "");
        if (trouble) return showState(trouble.state, trouble.words);
        if (!picture || this.strange()) return showState("loading");
        const { state, words } = verdict(picture, health, this.remark);
        return showState(state, words);
    }
}

new Page();
