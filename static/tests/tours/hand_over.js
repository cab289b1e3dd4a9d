import {registry} from "@web/core/registry";
import {dialogIsClosed, hasState, openMenu, patient, press} from "./tour_steps";

const row = (customer) => `.o_list_view .o_data_row:contains(${customer})`;
const line = (customer) => `.o_form_view .o_field_widget[name=line_ids] .o_data_row:contains(${customer})`;
const dialogRow = (customer) => `.modal .o_field_widget[name=line_ids] .o_data_row:contains(${customer})`;

const apply = {
    content: "Apply",
    trigger: ".modal .modal-footer button[name=action_apply]:enabled",
    run: "click",
};

registry.category("web_tour.tours").add("account_dunning_hand_over", {
    steps: () =>
        patient(
            openMenu(
                "account_dunning.dunning_collections_menu",
                "account_dunning.account_collection_plan_menu",
                "Collection Plans",
            ),
            {
                content: "The plan of Cora is listed too",
                trigger: row("Cora"),
            },
            {
                content: "Select all plans",
                trigger: ".o_list_view thead .o_list_record_selector input",
                run: "click",
            },
            {
                content: "Three plans are selected",
                trigger: ".o_selection_box:contains(3):contains(selected)",
            },
            press("action_hand_over", ".o_control_panel_actions"),
            {
                content: "The dialog says that one of them cannot be handed over, and why",
                trigger: `${dialogRow("Cora")} td[name=refusal]:contains(on hold)`,
            },
            {
                content: "Look for the agency",
                trigger: ".modal .o_field_widget[name=agency_id] input",
                run: "edit Debt & Co",
            },
            {
                content: "Choose the agency",
                trigger: ".o-autocomplete--dropdown-item:contains(Debt & Co)",
                run: "click",
            },
            apply,
            dialogIsClosed(),
            {
                content: "The hand-over opens, and has two plans",
                trigger: ".o_form_view .o_field_widget[name=line_ids]:has(.o_data_row:count(2))",
            },
            hasState("handed_over"),
            {
                content: "Recall one of them",
                trigger: `${line("Ben")} button[name=action_recall]`,
                run: "click",
            },
            {
                content: "Tell why",
                trigger: ".modal .o_field_widget[name=note] input",
                run: "edit He pays in instalments",
            },
            apply,
            dialogIsClosed(),
            hasState("partly_recalled"),
            {
                content: "The hand-over says which, and why",
                trigger: `${line("Ben")} td[name=recall_reason]:contains(He pays in instalments)`,
            },
            {
                content: "The chatter tells it too",
                trigger: ".o-mail-Message:contains(He pays in instalments)",
            },
            {
                content: "Open the plan that the agency has",
                trigger: ".o_form_view button[name=action_open_plans]",
                run: "click",
            },
            {
                content: "The plans of the hand-over are listed (before, the list shows what it remembers)",
                trigger: ".o_list_view:has(.o_data_row:count(2)):has(td[name=state]:contains(Unrecovered))",
            },
            {
                content: "Open the plan of Ann",
                trigger: `${row("Ann")} td[name=partner_id]`,
                run: "click",
            },
            hasState("unrecovered"),
            {
                content: "The plan says who has it",
                trigger: ".o_form_view .alert:contains(Handed over to):contains(Debt & Co)",
            },
        ),
});
