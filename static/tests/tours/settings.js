import {registry} from "@web/core/registry";
import {isSaved, openMenu, patient} from "./tour_steps";

/** Change dunning settings, on either page that has them. */
function changeSettings() {
    return [
        {
            content: "Allow seven levels",
            trigger: ".o_form_view .o_field_widget[name=dunning_max_levels] input",
            run: "edit 7",
        },
        {
            content: "Issue by itself",
            trigger: ".o_form_view .o_field_widget[name=dunning_auto_issue] input",
            run: "check",
        },
        {
            content: "A print service fetches the letters",
            trigger: ".o_form_view .o_field_widget[name=dunning_letter_sent] input[data-value=made]",
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("account_dunning_settings", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_settings_menu"),
            changeSettings(),
            {content: "Save", trigger: ".o_control_panel .o_form_button_save", run: "click"},
            isSaved(),
        ),
});

registry.category("web_tour.tours").add("account_dunning_general_settings", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account.menu_account_config"),
            changeSettings(),
            {
                content: "Save, which reloads the page",
                trigger: ".o_control_panel:has(.o_dirty_warning) .o_form_button_save",
                run: "click",
                expectUnloadPage: true,
            },
            {
                content: "The page shows what was saved",
                trigger: ".o_form_view .o_field_widget[name=dunning_max_levels] input:value(7)",
            },
            {content: "All is saved", trigger: ".o_control_panel:not(:has(.o_dirty_warning))"},
        ),
});
