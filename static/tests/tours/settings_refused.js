import {registry} from "@web/core/registry";
import {dialogIsClosed, openMenu, patient, select} from "./tour_steps";

const setting = (name) => `.o_form_view .o_field_widget[name=${name}]`;

/** Change a setting; each change is refused as things stand. */
const changes = {
    mode: {
        content: "Choose the other mode",
        trigger: `${setting("mode")} input[data-value=customer]`,
        run: "click",
    },
    types: {
        content: "Remove the invoice type in use",
        trigger: `${setting("invoice_type_ids")} .o_tag:contains(Commercial Invoice) .o_delete`,
        run: "hover && click",
    },
    levels: {
        content: "Allow two levels only",
        trigger: `${setting("max_levels")} input`,
        run: "edit 2",
    },
};

/**
 * Open the settings, change one, and take the way that the refusal shows.
 *
 * @param {Object} change
 * @param {String} message what the refusal says
 * @param {String} button
 * @param {String} row what the list has that the button opens
 * @returns {Object[]}
 */
function isRefused(change, message, button, row) {
    return [
        ...openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_settings_menu"),
        {content: "The page is there", trigger: setting("mode")},
        change,
        {content: "Save", trigger: ".o_control_panel .o_form_button_save", run: "click"},
        {content: "It says what stands in the way", trigger: `.modal .modal-body:contains(${message})`},
        {content: button, trigger: `.modal .modal-footer button:contains(${button})`, run: "click"},
        dialogIsClosed(),
        {content: "It is opened", trigger: `.o_list_view .o_data_row:contains(${row})`},
        {content: "Nothing else is", trigger: ".o_list_view:not(:has(.o_data_row:eq(1)))"},
    ];
}

registry.category("web_tour.tours").add("account_dunning_settings_refused", {
    steps: () =>
        patient(
            isRefused(changes.mode, "Open collection plans (1): ", "Show the Plans", "Ann"),
            isRefused(changes.types, "rest on an invoice type", "Show the Plans", "Ann"),
            isRefused(changes.levels, "more than 2 levels: Test", "Show the Types", "Test"),
        ),
});

registry.category("web_tour.tours").add("account_dunning_run_in_the_way", {
    steps: () => patient(isRefused(changes.mode, "Dunning runs under way (1): ", "Show the Runs", "Proposed")),
});

registry.category("web_tour.tours").add("account_dunning_switch_mode", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_settings_menu"),
            {
                content: "No balance in the invoice-based mode",
                trigger: `.o_form_view:not(:has(.o_field_widget[name=balance_id])):has(.o_field_widget[name=mode])`,
            },
            changes.mode,
            {content: "Choose a balance", trigger: `${setting("balance_id")} input`, run: "edit Overdue"},
            {
                content: "Overdue invoices",
                trigger: ".o-autocomplete--dropdown-item:contains(Overdue invoices)",
                run: "click",
            },
            {content: "Save", trigger: ".o_control_panel .o_form_button_save", run: "click"},
            {content: "Saved", trigger: ".o_action_manager:has(.o_form_status_indicator_buttons.invisible)"},
        ),
});

registry.category("web_tour.tours").add("account_dunning_entries", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_entries_menu"),
            select("Ann"),
            {content: "Dun it", trigger: ".o_control_panel button[name=action_dunning_include]", run: "click"},
            {
                content: "It is cleared",
                trigger: ".o_list_view .o_data_row:contains(Ann) td[name=no_followup] input:not(:checked)",
            },
        ),
});

registry.category("web_tour.tours").add("account_dunning_customer_balances", {
    steps: () =>
        patient(
            {content: "Open the tab", trigger: ".o_form_view .nav-link[name=accounting]", run: "click"},
            {
                content: "All unpaid",
                trigger: ".o_field_widget[name=dunning_balances] tr:contains(All unpaid):contains(100.00)",
            },
            {
                content: "The full balance, with the payment",
                trigger: ".o_field_widget[name=dunning_balances] tr:contains(Full receivable):contains(70.00)",
            },
        ),
});
