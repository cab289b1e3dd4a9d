import {registry} from "@web/core/registry";
import {dialogIsClosed, hasState, openMenu, patient, press} from "./tour_steps";

const BANNER = ".o_form_view .alert:has(.o_field_widget[name=dunning_banner])";

registry.category("web_tour.tours").add("account_dunning_register_payment", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_receivables", "account.menu_action_move_out_invoice_type"),
            {
                content: "Open the invoice",
                trigger: ".o_list_view .o_data_row:contains(Ann) td[name=name]",
                run: "click",
            },
            {
                content: "A banner tells that it is in dunning, and what comes next",
                trigger: `${BANNER}:contains(In dunning: “Test 10” since):contains(Next: “Test 20” on)`,
            },
            press("action_register_payment"),
            {
                content: "The whole amount is proposed",
                trigger: ".modal .o_field_widget[name=amount] input:value(100.00)",
            },
            press("action_create_payments", ".modal"),
            dialogIsClosed(),
            {
                content: "The invoice is paid, and the banner is gone",
                trigger: `.o_form_view:not(:has(.alert .o_field_widget[name=dunning_banner])):not(:has(button[name=action_register_payment]))`,
            },
            press("action_open_collection_plan", ".o-form-buttonbox"),
            {
                content: "The collection plan of the invoice is recovered",
                ...hasState("recovered"),
            },
            {
                content: "It was paid",
                trigger: ".o_form_view .o_field_widget[name=close_reason]:contains(Paid)",
            },
        ),
});
