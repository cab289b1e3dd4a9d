import {registry} from "@web/core/registry";
import {dialogIsClosed, isSaved, openMenu, patient} from "./tour_steps";

/** Write a text into the editor of the level that is open. */
function writeText(text) {
    return {
        content: "Write the text of the letter",
        trigger: ".modal .o_field_widget[name=text] .odoo-editor-editable[contenteditable=true]",
        run: `editor ${text}`,
    };
}

/** Fill the dialog of a new level, and leave it open. */
function fillLevel(name, days, text) {
    return [
        {
            content: "The dialog shows a new level",
            trigger: ".modal .o_field_widget[name=name] input:value(/^$/)",
        },
        {
            content: `Name the level ${name}`,
            trigger: ".modal .o_field_widget[name=name] input",
            run: `edit ${name}`,
        },
        {
            content: `It is due after ${days} days`,
            trigger: ".modal .o_field_widget[name=days] input",
            run: `edit ${days}`,
        },
        {
            content: "It is a letter",
            trigger: ".modal .o_field_widget[name=document] input[data-value=letter]",
            run: "click",
        },
        writeText(text),
    ];
}

const saveAndNew = {
    content: "Go on with the next level",
    trigger: ".modal .o_form_button_save_new",
    run: "click",
};
const saveAndClose = {
    content: "The level is done",
    trigger: ".modal .o_form_button_save",
    run: "click",
};
const saveType = {
    content: "Save the dunning type",
    trigger: ".o_control_panel .o_form_button_save",
    run: "click",
};

registry.category("web_tour.tours").add("account_dunning_configure_type", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_configuration", "account_dunning.account_dunning_type_menu"),
            {
                content: "Add a dunning type",
                trigger: ".o_control_panel:has(.o_breadcrumb:contains(Dunning Types)) .o_list_button_add",
                run: "click",
            },
            {
                content: "Name it",
                trigger: ".o_form_view .o_field_widget[name=name] input",
                run: "edit Key Accounts",
            },
            {
                content: "Allow three days of grace",
                trigger: ".o_field_widget[name=grace_days] input",
                run: "edit 3",
            },
            {
                content: "Save it before it has levels",
                ...saveType,
            },
            {
                content: "It is refused, and the message says what is missing",
                trigger: ".o_error_dialog:contains(“Key Accounts” has no level. Add at least one)",
            },
            {
                content: "Close the message",
                trigger: ".o_error_dialog .modal-footer .btn-primary",
                run: "click",
            },
            dialogIsClosed(),
            {
                content: "Add a first level",
                trigger: ".o_field_widget[name=level_ids] .o_field_x2many_list_row_add a",
                run: "click",
            },
            fillLevel("Kind Reminder", 5, "Dear {customer}, please pay {total} by {deadline}."),
            saveAndNew,
            fillLevel("Second Notice", 15, "Dear {custmer}, you still owe us {total}."),
            saveAndNew,
            fillLevel("Last Notice", 30, "{customer}: pay {total} now, {days_overdue} days after {oldest_due_date}."),
            saveAndClose,
            dialogIsClosed(),
            {
                content: "The type has three levels",
                trigger: ".o_field_widget[name=level_ids]:has(.o_data_row:count(3))",
            },
            saveType,
            {
                content: "The misspelt placeholder is refused, and the message names it and the right ones",
                trigger:
                    ".o_error_dialog:contains(“Second Notice”):contains(unknown placeholder {custmer}):contains({customer}, {company})",
            },
            {
                content: "Close the message",
                trigger: ".o_error_dialog .modal-footer .btn-primary",
                run: "click",
            },
            dialogIsClosed(),
            {
                content: "Open the level that has the mistake",
                trigger: ".o_field_widget[name=level_ids] .o_data_row:contains(Second Notice) td[name=name]",
                run: "click",
            },
            {
                content: "It is that level",
                trigger: ".modal .o_field_widget[name=name] input:value(Second Notice)",
            },
            writeText("Dear {customer}, you still owe us {total}."),
            saveAndClose,
            dialogIsClosed(),
            saveType,
            isSaved(),
        ),
});
