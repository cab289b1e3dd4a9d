import {registry} from "@web/core/registry";
import {openMenu, patient, press} from "./tour_steps";

const inDialog = (method) => press(method, ".modal-footer");
const previewed = (text) => ({content: `The preview names ${text}`, trigger: `.modal .o_data_row:contains(${text})`});
const taken = (text) => ({
    content: `${text} was taken over`,
    trigger: `.o_list_view .o_data_row:contains(${text})`,
});

registry.category("web_tour.tours").add("account_dunning_take_over", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_takeover_menu"),
            {content: "It has found the module", trigger: ".modal .o_field_widget[name=source] input:checked"},
            inDialog("action_preview"),
            previewed("Policy / Reminder 2"),
            inDialog("action_back"),
            inDialog("action_preview"),
            previewed("Policy / Reminder 2"),
            inDialog("action_take_over"),
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            {
                content: "Show what is as it was, too",
                trigger: ".o_searchview_facet:contains(Differences) .o_facet_remove",
                run: "click",
            },
            {
                content: "Unfold the levels that items have reached",
                trigger: ".o_group_header:contains(Level Reached)",
                run: "click",
            },
            taken("Reminder 1"),
        ),
});
