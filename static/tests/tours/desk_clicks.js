/** How many clicks each act of a collector takes, from the open app on. */

import {registry} from "@web/core/registry";
import {dialogIsClosed, goBackTo, patient, press} from "./tour_steps";

const ROW = ".o_list_view .o_data_row";
const CARD = ".o_kanban_view .o_kanban_record:not(.o_kanban_ghost)";
const click = (content, trigger) => ({content, trigger, run: "click"});
const inRow = (customer, method) =>
    click(`${method} of ${customer}`, `${ROW}:contains(${customer}) button[name=${method}]`);
const onCard = (customer, method) =>
    click(`${method} of ${customer}`, `${CARD}:contains(${customer}) [name=${method}]`);
const inMenu = (customer, method) => [
    click(`Open the menu of ${customer}`, `${CARD}:contains(${customer}) .o_dropdown_kanban button`),
    click(`Choose ${method}`, `.o-dropdown--menu [name=${method}]`),
];
const onCase = (customer, method) => [
    click(`Open the case of ${customer}`, `${ROW}:contains(${customer}) td[name=partner_id]`),
    press(method),
];
const choose = (name, label) =>
    click(
        `Choose ${label}`,
        `.modal .o_field_widget[name=${name}] .o_selection_badge:contains(/^${label}$/):not(.active)`,
    );
const finish = (method) => [
    click("Finish", `.modal .modal-footer button[name=${method}]:visible:enabled`),
    dialogIsClosed(),
];
const write = (field, text) => ({
    content: `Write ${field}`,
    trigger: `.modal .o_field_widget[name=${field}] :is(input, textarea)`,
    run: `edit ${text}`,
});
const read = (content, trigger) => ({content, trigger});
const closeDialog = [click("Close", ".modal .modal-header .btn-close, .modal .oi-arrow-left"), dialogIsClosed()];

/**
 * The steps of an act, which may take so many clicks; what is typed and looked at is free.
 *
 * @param {Number} limit
 * @param {String} act
 * @param {Object[]} steps
 * @returns {Object[]}
 */
function within(limit, act, ...steps) {
    const flat = steps.flat(2);
    const clicks = flat.filter((step) => step.run === "click");
    if (clicks.length > limit) {
        throw new Error(`${act} takes ${clicks.length} clicks: ${clicks.map((step) => step.content).join(", ")}`);
    }
    return flat;
}

/**
 * All acts, on a desk where each customer is a row or a card.
 *
 * @param {String} place selector of rows or cards
 * @param {Function} act the step that begins an act for a customer
 * @param {Function} rare the same for acts that are done rarely
 * @param {Object[]} goBack the steps from a case to the desk
 * @returns {Object[]}
 */
const acts = (place, act, rare, goBack = []) =>
    [
        within(
            0,
            "Whom to call and what is owed",
            read("Phone and debt", `${place}:contains(Ann):contains(700.00):has([name=phone])`),
        ),
        within(
            3,
            "Log a call",
            act("Ann", "action_log_call"),
            choose("outcome_id", "No answer"),
            finish("action_save"),
        ),
        within(
            3,
            "A call back",
            act("Ben", "action_log_call"),
            choose("outcome_id", "Call back"),
            write("note", "In a meeting"),
            finish("action_save"),
        ),
        within(2, "A promise", act("Zoe", "action_promise"), write("note", "On Friday"), finish("action_save")),
        within(2, "A dispute", act("Cora", "action_dispute"), write("note", "Wrong price"), finish("action_save")),
        within(3, "A copy", act("Dora", "action_send"), choose("kind", "Copies of invoices"), finish("action_send")),
        within(3, "Remind now", rare("Fay", "action_remind"), finish("action_issue")),
        goBack,
        within(3, "Postpone", rare("Gus", "action_postpone"), write("note", "Pays soon"), finish("action_apply")),
        within(2, "Why?", rare("Fay", "action_why"), read("It says why", ".modal .o_form_view:contains(Fay)")),
        closeDialog,
        within(3, "Skip", rare("Fay", "action_skip"), write("reason", "On holiday"), finish("action_apply")),
        read("The case has left the desk", `body:not(:has(${place}:contains(Fay)))`),
    ].flat();

registry.category("web_tour.tours").add("account_dunning_few_clicks", {
    steps: () =>
        patient(
            click("Show the apps", ".o_navbar_apps_menu button:enabled"),
            click("Open Invoicing", '.o_app[data-menu-xmlid="account.menu_finance"]'),
            within(0, "My Desk", read("The app opens with the desk", `.o_breadcrumb:contains(My Desk)`)),
            acts(ROW, inRow, (...about) => (about[1] === "action_remind" ? onCase : inRow)(...about), [
                goBackTo("My Desk"),
            ]),
        ),
});

registry.category("web_tour.tours").add("account_dunning_few_clicks_phone", {
    steps: () => patient(acts(CARD, onCard, inMenu)),
});
