import {registry} from "@web/core/registry";
import {openMenu, patient, press} from "./tour_steps";

const openDesk = () =>
    openMenu("account_dunning.dunning_collections_menu", "account_dunning.account_collection_case_desk_menu");
const inForm = (method) => press(method, ".o_dunning_start");
const isAt = (step) => ({content: `The step is ${step}`, trigger: `.o_dunning_step.active[data-step=${step}]`});
const go = (step) => [
    {content: `Go to ${step}`, trigger: `.o_dunning_step[data-step=${step}]`, run: "click"},
    isAt(step),
];
const isMarked = (step, state) => ({
    content: `${step} is ${state}`,
    trigger: `.o_dunning_step[data-step=${step}][data-state=${state}]`,
});
const back = {content: "Go back", trigger: ".o_breadcrumb .breadcrumb-item a:contains(First Hour)", run: "click"};

registry.category("web_tour.tours").add("account_dunning_first_hour", {
    steps: () =>
        patient(
            openDesk(),
            {content: "The desk speaks of it", trigger: ".o_dunning_desk_banner button[name=open]", run: "click"},
            isAt("company"),
            inForm("action_skip"),
            isMarked("company", "skipped"),
            go("company"),
            inForm("action_take_up"),
            isMarked("company", "open"),
            inForm("action_open_company"),
            {content: "Enter the town", trigger: ".o_field_widget[name=city] input", run: "edit Springfield"},
            {content: "Save", trigger: ".o_form_button_save", run: "click", expectUnloadPage: true},
            back,
            isMarked("company", "done"),
            isMarked("bank", "done"),
            go("sender"),
            {content: "It says who sends", trigger: ".o_field_widget[name=fact]:contains(office@example.com)"},
            go("reach"),
            inForm("action_open_unreached"),
            {content: "Edit the row", trigger: ".o_data_row:contains(Ben) td[name=email]", run: "click"},
            {content: "Enter the e-mail", trigger: ".o_selected_row td[name=email] input", run: "edit ben@example.com"},
            {content: "Save the row", trigger: ".o_list_button_save:visible", run: "click"},
            {content: "It is saved", trigger: ".o_data_row:contains(ben@example.com):not(.o_selected_row)"},
            back,
            isMarked("reach", "done"),
            go("ladder"),
            {
                content: "The letters are side by side",
                trigger: ".o_dunning_ladder:nth-child(1) iframe",
            },
            {
                content: "The last letter",
                trigger: ".o_dunning_ladders button[data-number='2']:enabled",
                run: "click",
            },
            {
                content: "It is another letter",
                trigger: ".o_dunning_ladder[data-ladder=firm] li.fw-bold:contains(Final Demand)",
            },
            {
                content: "Use it",
                trigger: ".o_dunning_ladder[data-ladder=firm] .btn-primary:enabled",
                run: "click",
            },
            isMarked("ladder", "done"),
            go("mail"),
            inForm("action_send_test"),
            isMarked("mail", "done"),
            go("old"),
            {content: "It says how much it is", trigger: ".o_dunning_old_items:contains(200.00)"},
            {
                content: "Dun all of them",
                trigger: ".o_dunning_start button[name=action_set_date]:contains(All):enabled",
                run: "click",
            },
            isMarked("old", "done"),
            go("run"),
            inForm("action_propose"),
            {content: "It is the run", trigger: ".o_form_view .o_statusbar_buttons button[name=action_cancel]"},
            back,
            isMarked("run", "open"),
            press("action_close"),
            {content: "It can be shown again", trigger: "button[name=action_show_again]"},
            openDesk(),
            {content: "The desk is silent", trigger: ".o_list_renderer:not(:has(.o_dunning_desk_banner))"},
        ),
});

registry.category("web_tour.tours").add("account_dunning_desk_without_first_hour", {
    steps: () =>
        patient(openDesk(), {
            content: "The desk is there, and nothing above it",
            trigger: ".o_list_renderer:not(:has(.o_dunning_desk_banner)) .o_data_row",
        }),
});
