import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {confirm, dialogIsClosed, goBackTo, hasState, openMenu, patient, press, select} from "./tour_steps";

/** Wait for a number of notices in a state, shown on the form of the run. */
function hasCount(field, count) {
    return {
        content: `${field} is ${count}`,
        trigger: `.o_form_view .o_field_widget[name=${field}]:contains(/^${count}$/)`,
    };
}

/** The row of a customer in the list of notices. */
function row(customer) {
    return `.o_list_view .o_data_row:contains(${customer})`;
}

/** Wait until the list of notices no longer shows a customer. */
function isGone(customer, left) {
    return {
        content: `${customer} is gone, ${left} are left`,
        trigger: `.o_list_view:has(.o_data_row:count(${left})):not(:has(.o_data_row:contains(${customer})))`,
    };
}

const PROGRESS = ".o_form_view .o_field_widget[name=progress] .o_dunning_progress [role=progressbar]";
const header = ".o_control_panel_actions";

/** Note down which pages are to be opened in new windows, instead of opening them: a tour has one window. */
function catchWindows() {
    const urls = [];
    browser.open = (url) => {
        urls.push(url);
        return {closed: false};
    };
    return urls;
}

/** Check that the address gives a PDF, made from a page for Ben of the level that was chosen. */
async function checkPreview(url) {
    const page = await fetch(url); // in tests, Odoo gives the page that the PDF is made from
    const text = await page.text();
    const missing = ["Ben", "1 Main Street", "INV/", "Test 20", "200.00"].filter((part) => !text.includes(part));
    if (!page.ok || missing.length) {
        throw new Error(`${url} (${page.status}) lacks ${missing}: ${text}`);
    }
    const forced = encodeURIComponent(JSON.stringify({force_report_rendering: true}));
    const letter = await fetch(`${url}?context=${forced}`);
    const start = (await letter.text()).slice(0, 100);
    if (!letter.ok || !start.startsWith("%PDF")) {
        throw new Error(`${url} (${letter.status}) gives no PDF: ${start}`);
    }
}

registry.category("web_tour.tours").add("account_dunning_review_run", {
    steps: () =>
        patient(
            openMenu(
                "account_dunning.dunning_collections_menu",
                "account_dunning.account_dunning_run_menu",
                "Dunning Runs",
            ),
            {
                content: "Make a run",
                trigger: ".o_control_panel:has(.o_breadcrumb:contains(Dunning Runs)) .o_list_button_add",
                run: "click",
            },
            hasState("draft"),
            press("action_propose"),
            {content: "The run shows how far it is", trigger: `${PROGRESS} ~ span:contains(of 4 customers)`},
            {content: "It follows the work until that is done", ...hasState("proposed")},
            {content: "Nothing is at work any more", trigger: `.o_form_view:not(:has(.o_dunning_progress))`},
            hasCount("proposed_count", 4),

            press("action_open_notices", ".o-form-buttonbox"),
            {
                content: "The notices tell level, amount, channel and why",
                trigger: [
                    row("Ben"),
                    ":has(td[name=level_id]:contains(Test 10))",
                    ":has(td[name=amount_total]:contains(200.00))",
                    ":has(td[name=document]:contains(Letter))",
                    ":has(td[name=why]:not(:empty))",
                ].join(""),
            },
            {content: "Four notices are proposed", trigger: ".o_list_view:has(.o_data_row:count(4))"},

            {content: "Open Ben's notice", trigger: `${row("Ben")} td[name=partner_id]`, run: "click"},
            hasState("proposed"),
            press("action_move_level"),
            {
                content: "Look for another level",
                trigger: ".modal .o_field_widget[name=level_id] input",
                run: "edit Test 20",
            },
            {
                content: "Choose it",
                trigger: ".modal .o_field_widget[name=level_id] .dropdown-item:contains(/^Test 20$/)",
                run: "click",
            },
            {
                content: "It is chosen",
                trigger: ".modal .o_field_widget[name=level_id] input:value(Test 20)",
            },
            press("action_move", ".modal"),
            dialogIsClosed(),
            {
                content: "The notice has the level, and tells that a person chose it",
                trigger: ".o_form_view:has(.o_field_widget[name=level_id]:contains(Test 20)):contains(set by a person)",
            },
            {
                content: "Preview the letter",
                trigger: ".o_form_view .o_statusbar_buttons button[name=action_preview]:enabled",
                async run({click, waitUntil}) {
                    const urls = catchWindows();
                    await click();
                    await waitUntil(() => urls.length, {timeout: 30000});
                    await checkPreview(urls[0]);
                },
            },
            goBackTo("Dunning Notices"),
            {
                content: "The list has been read again (before, it shows what it remembers)",
                trigger: `${row("Ben")}:has(td[name=level_id]:contains(Test 20))`,
            },

            select("Cora"),
            press("action_exclude", header),
            {
                content: "Say why Cora is left out",
                trigger: ".modal .o_field_widget[name=note] textarea",
                run: "edit She has called",
            },
            press("action_exclude", ".modal .modal-footer"),
            dialogIsClosed(),
            isGone("Cora", 3),

            select("Ann"),
            press("action_issue", header),
            confirm("Issue"),
            isGone("Ann", 2),

            goBackTo("RUN/"),
            {content: "The run shows that a notice is under way", trigger: PROGRESS},
            hasCount("sent_count", 1),
            hasState("proposed"),
            hasCount("proposed_count", 2),
            press("action_issue_all"),
            confirm("Issue All"),
            {content: "The run shows how far it is", trigger: `${PROGRESS} ~ span:contains(of 3 notices)`},
            {content: "Letters wait to be printed when all notices have left the queue", ...hasState("unfinished")},
            hasCount("to_print_count", 2),

            press("action_print"),
            {
                content: "The dialog says how many letters there are",
                trigger: ".modal .o_form_view:contains(Were all 2 letters printed?)",
            },
            {
                content: "The letters are one PDF",
                trigger: ".modal .o_field_widget[name=document] a:contains(.pdf)",
            },
            press("action_confirm", ".modal .modal-footer"),
            dialogIsClosed(),
            hasCount("sent_count", 3),
            hasCount("to_print_count", 0),
            {content: "Nothing is left: the run is done", ...hasState("done")},
            {
                content: "There is nothing to print any more",
                trigger: ".o_form_view:not(:has(button[name=action_print]))",
            },
        ),
});
