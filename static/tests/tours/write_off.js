import {registry} from "@web/core/registry";
import {dialogIsClosed, hasState, openMenu, patient, press, select} from "./tour_steps";

const row = (customer) => `.o_list_view .o_data_row:contains(${customer})`;
const reason = (text) => ({
    content: "Tell why",
    trigger: ".modal .o_field_widget[name=reason] input",
    run: `edit ${text}`,
});
const apply = [
    {content: "Apply", trigger: ".modal .modal-footer button[name=action_apply]:enabled", run: "click"},
    dialogIsClosed(),
];
registry.category("web_tour.tours").add("account_dunning_write_off", {
    steps: () =>
        patient(
            openMenu(
                "account_dunning.dunning_collections_menu",
                "account_dunning.account_collection_plan_menu",
                "Collection Plans",
            ),
            select("Ann"),
            select("Ben"),
            press("action_write_off", ".o_control_panel_actions"),
            {
                content: "The dialog says how much",
                trigger: ".modal .o_field_widget[name=totals]:contains(200.00)",
            },
            reason("Bankrupt"),
            apply,
            {
                content: "They are no open plans any more",
                trigger: ".o_list_view:not(:has(.o_data_row:contains(Ann))):not(:has(.o_data_row:contains(Ben)))",
            },
            {
                content: "Show the closed plans too",
                trigger: ".o_searchview_facet:contains(Ongoing) .o_facet_remove",
                run: "click",
            },
            {
                content: "Open the plan of Ann",
                trigger: `${row("Ann")} td[name=partner_id]`,
                run: "click",
            },
            hasState("unrecovered"),
            {
                content: "Ann has paid in the meantime",
                trigger: ".o_form_view .alert:contains(has paid after the write-off)",
            },
            press("action_end_write_off"),
            reason("She has paid"),
            apply,
            hasState("recovered"),
        ),
});
