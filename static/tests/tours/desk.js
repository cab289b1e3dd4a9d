import {registry} from "@web/core/registry";
import {dialogIsClosed, openMenu, patient, press} from "./tour_steps";

const openDesk = () =>
    openMenu("account_dunning.dunning_collections_menu", "account_dunning.account_collection_case_desk_menu");
const inDialog = (selector) => `.modal .modal-body ${selector}`;

const openCase = (customer) => ({
    content: `Open the case of ${customer}`,
    trigger: `.o_list_view .o_data_row:contains(${customer}) td[name=partner_id]`,
    run: "click",
});
const isCaseOf = (customer) => ({
    content: `The case is that of ${customer}`,
    trigger: `.o_form_view .oe_title:contains(${customer})`,
});
const choose = (outcome) => ({
    content: `Choose ${outcome}`,
    trigger: inDialog(`.o_field_widget[name=outcome_id] .o_selection_badge:contains(/^${outcome}$/)`),
    run: "click",
});
const note = (text) => ({
    content: "Write what was said",
    trigger: inDialog(".o_field_widget[name=note] textarea"),
    run: `edit ${text}`,
});
const save = [
    {content: "Save", trigger: ".modal .modal-footer button[name=action_save]:visible:enabled", run: "click"},
    dialogIsClosed(),
];
const next = {content: "Go to the next case", trigger: ".o_form_view .o_pager_next", run: "click"};
const openPage = (name) => ({
    content: `Open the page ${name}`,
    trigger: `.o_notebook .nav-link[name=${name}]`,
    run: "click",
});
const tells = (text) => ({content: `The timeline tells ${text}`, trigger: `.o_dunning_timeline:contains(${text})`});

registry.category("web_tour.tours").add("account_dunning_morning", {
    steps: () =>
        patient(
            openDesk(),
            {content: "The desk says why", trigger: ".o_list_view .o_data_row:contains(days overdue)"},
            openCase("Ann"),
            isCaseOf("Ann"),
            press("action_log_call"),
            choose("Promises to pay"),
            {
                content: "The amount is proposed",
                trigger: inDialog(".o_field_widget[name=part_ids] td[name=amount]:contains(700.00)"),
            },
            note("Pays on Friday"),
            save,
            openPage("timeline"),
            tells("Pays on Friday"),
            tells("Promise to pay"),
            next,
            isCaseOf("Ben"),
            press("action_log_call"),
            choose("Call back"),
            {
                content: "A time is proposed",
                trigger: inDialog(
                    ".o_field_widget[name=call_back_at] input:not(:empty), .o_field_widget[name=call_back_at]",
                ),
            },
            note("In a meeting"),
            save,
            openPage("timeline"),
            tells("In a meeting"),
            next,
            isCaseOf("Cora"),
            openPage("items"),
            {
                content: "Tick the second item",
                trigger: ".o_field_widget[name=item_ids] .o_data_row:eq(1) .o_list_record_selector input",
                run: "click",
            },
            {
                content: "The sum is that of what is ticked",
                trigger: ".o_field_widget[name=item_ids] tfoot:contains(200.00)",
            },
            press("action_dispute"),
            note("Wrong price"),
            save,
            openPage("holds"),
            {content: "It is in dispute", trigger: ".o_field_widget[name=hold_ids] .o_data_row"},
            next,
            isCaseOf("Dora"),
            press("action_log_call"),
            choose("Wants a copy"),
            {content: "Save", trigger: ".modal .modal-footer button[name=action_save]:visible:enabled", run: "click"},
            {
                content: "The composer has the copies",
                trigger: inDialog(".o_field_widget[name=with_copies] input:checked"),
            },
            {content: "Send", trigger: ".modal .modal-footer button[name=action_send]:visible:enabled", run: "click"},
            dialogIsClosed(),
            {content: "The chatter tells it", trigger: ".o-mail-Message:contains(copies)"},
        ),
});

registry.category("web_tour.tours").add("account_dunning_broken_promise", {
    steps: () =>
        patient(
            openDesk(),
            {
                content: "The broken promise is on top",
                trigger: ".o_list_view .o_data_row:first:contains(Ann):contains(/Promise of .* broken/)",
            },
            {content: "Its queue is shown with its sum", trigger: ".o_search_panel:contains(Broken promises)"},
            openCase("Ann"),
            isCaseOf("Ann"),
            {content: "What to do is said", trigger: ".o_form_view .o_field_widget[name=next_action]:contains(Call)"},
            openPage("promises"),
            {content: "It is broken", trigger: ".o_field_widget[name=promise_ids] .o_data_row:contains(Broken)"},
        ),
});

registry.category("web_tour.tours").add("account_dunning_agreement", {
    steps: () =>
        patient(
            openDesk(),
            openCase("Ann"),
            isCaseOf("Ann"),
            press("action_promise"),
            {
                content: "Three payments",
                trigger: inDialog(".o_field_widget[name=instalments] input"),
                run: "edit 3 && press Tab",
            },
            {
                content: "There are three",
                trigger: inDialog(".o_field_widget[name=part_ids] .o_data_row:nth-child(3)"),
            },
            {content: "It is an agreement", trigger: inDialog(".alert:contains(instalment agreement)")},
            {content: "Save", trigger: ".modal .modal-footer button[name=action_save]:visible:enabled", run: "click"},
            dialogIsClosed(),
        ),
});
