import {registry} from "@web/core/registry";
import {isSaved, openMenu, patient} from "./tour_steps";

/** Change dunning settings in their form, and save. */
function changeSettings() {
    return [
        {
            content: "Allow seven levels",
            trigger: ".o_form_view .o_field_widget[name=max_levels] input",
            run: "edit 7",
        },
        {
            content: "Issue by itself",
            trigger: ".o_form_view .o_field_widget[name=auto_issue] input",
            run: "check",
        },
        {
            content: "A print service fetches the letters",
            trigger: ".o_form_view .o_field_widget[name=letter_sent] input[data-value=made]",
            run: "click",
        },
        {content: "Save", trigger: ".o_control_panel .o_form_button_save", run: "click"},
        isSaved(),
    ];
}

registry.category("web_tour.tours").add("account_dunning_settings", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_settings_menu"),
            changeSettings(),
        ),
});

registry.category("web_tour.tours").add("account_dunning_general_settings", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account.menu_account_config"),
            {
                content: "The page shows the mode, and lets nobody change it",
                trigger: ".o_field_widget[name=dunning_mode]:contains(Invoice-Based):not(:has(input))",
            },
            {
                content: "Open the dunning settings",
                trigger: ".o_setting_box button:contains(Dunning Settings)",
                run: "click",
            },
            changeSettings(),
        ),
});
