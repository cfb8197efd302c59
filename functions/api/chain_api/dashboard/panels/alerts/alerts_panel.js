/** The panel of alerts: set, looked after, taken away. */

import { allowAlarms } from "../../alerts/alarm.js";
import {
    ALERT_METRICS,
    alertMetric,
    alertText,
    exactText,
    HEALTH_ALERT,
    numberNow,
    numberText,
    SYMBOL_PATTERN,
    unitSign,
} from "../../alerts/alert_rules.js";
import { alertWatch } from "../../alerts/alert_watch.js";
import { elementById } from "../../browser/dom.js";
import { unitOfPage } from "../../figures/position_unit.js";
import { DASH, formatDayOfMonth, formatTime } from "../../words/format.js";

/** @import { AlertRule } from "../../alerts/alert_rules.js" */
/** @import { Panel, PanelHost } from "../panel.d.ts" */

/** @param {PanelHost} host @returns {Panel} */
export function openAlerts({ body, askNow }) {
    const form = alertForm(body, () => askNow());
    const table = alertTable(body);
    const show = () => showRules(table, alertWatch.rules, form.symbol);
    let suggested = "";
    const picker = elementById("unit", HTMLSelectElement);
    picker.addEventListener("change", form.showUnit);
    alertWatch.listeners.add(show);
    show();
    return {
        show({ snapshot }) {
            form.showUnit();
            // What the user has typed, or is typing, is not changed.
            const isTyping = document.activeElement === form.symbol;
            if (isTyping || form.symbol.value !== suggested) return;
            form.symbol.value = suggested = snapshot.chain.symbol;
        },
        clear() {},
        close() {
            picker.removeEventListener("change", form.showUnit);
            alertWatch.listeners.delete(show);
        },
    };
}

/** @param {HTMLElement} body @param {() => void} onAdd */
function alertForm(body, onAdd) {
    const form = body.appendChild(document.createElement("form"));
    form.className = "alert-form";
    const symbol = labelled(form, "Symbol", document.createElement("input"));
    Object.assign(symbol, { required: true, maxLength: 25, spellcheck: false, size: 12 });
    symbol.pattern = ` *${SYMBOL_PATTERN} *`;
    symbol.title = "one symbol: letters, digits, & and -";
    const metric = labelled(form, "Number", document.createElement("select"));
    metric.append(
        ...ALERT_METRICS.map(({ name, label, unit }) => new Option(label + unit, name)),
        new Option("Health of the service", HEALTH_ALERT),
    );
    const side = labelled(form, "Rings", document.createElement("select"));
    side.append(new Option("above", "above"), new Option("below", "below"));
    const value = labelled(form, "Value", document.createElement("input"));
    Object.assign(value, { type: "number", step: "any", required: true });
    const button = form.appendChild(document.createElement("button"));
    button.textContent = "Set alert";
    let unit = unitOfPage();
    const showUnit = () => {
        unit = unitOfPage();
        const sign = unitSign(metric.value, unit);
        const text = sign ? `Value (${sign})` : "Value";
        if (value.previousSibling) value.previousSibling.textContent = text;
    };
    metric.addEventListener("change", () => {
        showUnit();
        const isOfNumber = metric.value !== HEALTH_ALERT;
        for (const field of [symbol, side, value]) field.disabled = !isOfNumber;
    });
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const isOfNumber = metric.value !== HEALTH_ALERT;
        alertWatch.add({
            metric: metric.value,
            symbol: isOfNumber ? symbol.value.trim().toUpperCase() : "",
            isAbove: side.value === "above",
            value: isOfNumber ? Number(value.value) : 0,
            unit: alertMetric(metric.value)?.isCounted ? unit : null,
        });
        value.value = "";
        onAdd();
        allowAlarms();
    });
    return { symbol, showUnit };
}

/**
 * @template {HTMLElement} T
 * @param {HTMLElement} form @param {string} text @param {T} control
 * @returns {T}
 */
function labelled(form, text, control) {
    const label = form.appendChild(document.createElement("label"));
    label.append(text, control);
    return control;
}

/** @param {HTMLElement} body */
function alertTable(body) {
    const box = body.appendChild(document.createElement("div"));
    const hint = box.appendChild(document.createElement("p"));
    hint.className = "panel-note";
    hint.textContent =
        "Alerts are kept in this browser and ring while the page is open, in a hidden tab about " +
        "once a minute. Numbers are of the nearest expiry. Changes count from the recorded close " +
        "of the day before, not as the source sends them. Old data ring none.";
    const table = box.appendChild(document.createElement("table"));
    table.className = "panel-table";
    table.createCaption().textContent = "Alerts";
    const head = table.createTHead().insertRow();
    for (const name of ["Alert", "Now", "State", "Change"]) {
        const cell = head.appendChild(document.createElement("th"));
        cell.scope = "col";
        cell.textContent = name;
    }
    return table.createTBody();
}

/**
 * Write what has changed: a button that is replaced would lose the focus, or a click under way.
 * @param {HTMLTableSectionElement} body @param {AlertRule[]} rules
 * @param {HTMLElement} field gets the focus where no button is left
 */
function showRules(body, rules, field) {
    const known = new Map([...body.rows].map((row) => [row.dataset.rule, row]));
    const focused = [...body.rows].findIndex((row) => row.contains(document.activeElement));
    const rows = (rules.length ? rules.map(ruleRow) : [emptyRow()]).map((row) =>
        merged(known.get(row.dataset.rule), row),
    );
    for (const row of known.values()) if (!rows.includes(row)) row.remove();
    for (const [index, row] of rows.entries()) {
        if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    }
    if (focused < 0 || body.contains(document.activeElement)) return;
    (rows[Math.min(focused, rows.length - 1)].querySelector("button") ?? field).focus();
}

/**
 * The row that is there, with those cells of another one that differ.
 * @param {HTMLTableRowElement | undefined} known @param {HTMLTableRowElement} row
 */
function merged(known, row) {
    if (!known) return row;
    for (const [index, cell] of [...row.cells].entries()) {
        if (!known.cells[index].isEqualNode(cell)) known.cells[index].replaceWith(cell);
    }
    return known;
}

function emptyRow() {
    const row = document.createElement("tr");
    const cell = row.insertCell();
    cell.colSpan = 4;
    cell.textContent = "No alert is set.";
    return row;
}

/** @param {AlertRule} rule */
function ruleRow(rule) {
    const row = document.createElement("tr");
    row.dataset.rule = rule.id;
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    head.textContent = alertText(rule);
    head.title = exactText(rule, rule.value);
    const found = alertWatch.rows.get(rule.symbol);
    const { value, reason } = numberNow(rule, found);
    const now = row.insertCell();
    now.dataset.value = value === null ? "" : String(value);
    now.textContent =
        value === null ? DASH : numberText(rule, value) + (found?.gap ? " (old)" : "");
    now.title = value === null ? reason : exactText(rule, value);
    const { rangAt, rangBy } = rule;
    const why = alertWatch.isOfNothing(rule) ? `${rule.symbol} is not recorded` : reason;
    row.insertCell().textContent = rangAt
        ? `rang ${formatDayOfMonth(rangAt)} ${formatTime(rangAt)} IST: ${rangBy}`
        : ["waits", why].filter(Boolean).join(": ");
    const buttons = row.insertCell();
    if (rangAt) buttons.append(actionOf("Set again", rule, () => alertWatch.setAgain(rule.id)));
    buttons.append(actionOf("Remove", rule, () => alertWatch.remove(rule.id)));
    return row;
}

/** @param {string} text @param {AlertRule} rule @param {() => void} action */
function actionOf(text, rule, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${alertText(rule)}`);
    button.addEventListener("click", action);
    return button;
}
