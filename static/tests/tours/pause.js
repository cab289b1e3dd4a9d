import {registry} from "@web/core/registry";
import {dialogIsClosed, hasState, openMenu, patient, press, select} from "./tour_steps";

const row = (customer) => `.o_list_view .o_data_row:contains(${customer})`;
const dialogRow = (customer) => `.modal .o_field_widget[name=line_ids] .o_data_row:contains(${customer})`;

/** Choose the first reason that bears a name. */
function chooseReason(name) {
    return [
        {
            content: "Look for the reason",
            trigger: ".modal .o_field_widget[name=reason_id] input",
            run: `edit ${name}`,
        },
        {
            content: "Choose the reason",
            trigger: `.o-autocomplete--dropdown-item:contains(${name})`,
            run: "click",
        },
    ];
}

const apply = [
    {content: "Apply", trigger: ".modal .modal-footer button[name=action_apply]:enabled", run: "click"},
    dialogIsClosed(),
];

const openPlans = () =>
    openMenu(
        "account_dunning.dunning_collections_menu",
        "account_dunning.account_collection_plan_menu",
        "Collection Plans",
    );

registry.category("web_tour.tours").add("account_dunning_pause_and_resume", {
    steps: () =>
        patient(
            openPlans(),
            {
                content: "Open the collection plan",
                trigger: `${row("Ann")} td[name=partner_id]`,
                run: "click",
            },
            hasState("ongoing"),
            press("action_pause"),
            chooseReason("Payment Announced"),
            {
                content: "Tell why",
                trigger: ".modal .o_field_widget[name=note] input",
                run: "edit He promised to pay",
            },
            apply,
            hasState("paused"),
            {
                content: "The form says until when, and why",
                trigger: ".o_form_view .alert:contains(Paused until):contains(Payment Announced)",
            },
            {
                content: "The chatter tells what was done",
                trigger: ".o-mail-Message:contains(He promised to pay)",
            },
            press("action_resume"),
            hasState("ongoing"),
            {
                content: "The chatter tells that it goes on",
                trigger: ".o-mail-Message:contains(Resumed)",
            },
        ),
});

registry.category("web_tour.tours").add("account_dunning_pause_many", {
    steps: () =>
        patient(
            openPlans(),
            select("Ann"),
            select("Ben"),
            select("Cora"),
            {
                content: "Three plans are selected",
                trigger: ".o_selection_box:contains(3):contains(selected)",
            },
            press("action_pause", ".o_control_panel_actions"),
            {
                content: "The dialog says that one of them cannot be paused, and why",
                trigger: `${dialogRow("Cora")} td[name=refusal]:contains(the plan is “Paused”)`,
            },
            {
                content: "It has nothing against the others",
                trigger: `${dialogRow("Ann")} td[name=refusal]:not(:contains(plan))`,
            },
            chooseReason("Insolvency"),
            apply,
            {
                content: "All three are paused now",
                trigger: ".o_list_view:has(.o_data_row td[name=state]:contains(Paused):count(3))",
            },
        ),
});
