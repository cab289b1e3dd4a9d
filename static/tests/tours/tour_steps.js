/** Steps that several tours take. */

/**
 * The steps with the longest patience there is, for machines that are slow or busy.
 *
 * @param {Object[]} steps
 * @returns {Object[]}
 */
export function patient(...steps) {
    return steps.flat().map((step) => ({timeout: 60000, ...step}));
}

/**
 * Open a menu of the app Invoicing, by the identifiers of its top menu and of its entry.
 *
 * @param {String} section
 * @param {String} entry
 * @returns {Object[]}
 */
export function openMenu(section, entry, title = "") {
    return [
        {
            content: "Show the apps",
            trigger: ".o_navbar_apps_menu button:enabled",
            run: "click",
        },
        {
            content: "Open Invoicing",
            trigger: '.o_app[data-menu-xmlid="account.menu_finance"]',
            run: "click",
        },
        {
            content: `Open the menu ${section}`,
            trigger: `.o_menu_sections button[data-menu-xmlid="${section}"]`,
            run: "click",
        },
        {
            content: `Choose ${entry}`,
            trigger: `.o-dropdown--menu .dropdown-item[data-menu-xmlid="${entry}"]`,
            run: "click",
        },
        {
            content: "The screen before it is gone",
            trigger: `.o_last_breadcrumb_item:contains(${title})`,
        },
    ].slice(0, title ? undefined : -1);
}

/**
 * Press the button of a record that calls a method.
 *
 * @param {String} method
 * @param {String} within selector of what holds the button
 * @returns {Object}
 */
export function press(method, within = ".o_form_view .o_statusbar_buttons") {
    return {content: `Press ${method}`, trigger: `${within} button[name=${method}]:enabled`, run: "click"};
}

/**
 * Select the row of a customer in a list, and see that it stays selected.
 *
 * A list that is read anew after the click shows other rows, of which none is selected: then the new one is clicked.
 *
 * @param {String} customer
 * @returns {Object[]}
 */
export function select(customer) {
    const row = ".o_list_view .o_data_row";
    const find = () => [...document.querySelectorAll(row)].find((one) => one.textContent.includes(customer));
    return [
        {
            content: `Select ${customer}`,
            trigger: `${row}:contains(${customer}) .o_list_record_selector input`,
            async run() {
                for (let looked = 0, selected = 0; selected < 10 && looked < 500; looked++) {
                    if (find()?.classList.contains("o_data_row_selected")) {
                        selected++;
                    } else {
                        selected = 0;
                        if (looked % 50 === 0) {
                            find()?.querySelector(".o_list_record_selector input").click();
                        }
                    }
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
            },
        },
        {content: `${customer} is selected`, trigger: `${row}.o_data_row_selected:contains(${customer})`},
    ];
}

/**
 * Say yes in the dialog that a button shows before it acts.
 *
 * @param {String} label of the button that says yes
 * @returns {Object[]}
 */
export function confirm(label) {
    return [
        {
            content: `Confirm: ${label}`,
            trigger: `.modal .modal-footer .btn-primary:contains(/^${label}$/)`,
            run: "click",
        },
        dialogIsClosed(),
    ];
}

/**
 * Wait until no dialog is open.
 *
 * @returns {Object}
 */
export function dialogIsClosed() {
    return {content: "No dialog is open", trigger: "body:not(:has(.modal))"};
}

/**
 * Go back to the page of the breadcrumb with this name.
 *
 * @param {String} name
 * @returns {Object}
 */
export function goBackTo(name) {
    return {content: `Go back to ${name}`, trigger: `.o_breadcrumb .breadcrumb-item a:contains(${name})`, run: "click"};
}

/**
 * Wait for a status in the bar at the top of a form.
 *
 * @param {String} state
 * @returns {Object}
 */
export function hasState(state) {
    return {
        content: `The status is ${state}`,
        trigger: `.o_statusbar_status .o_arrow_button_current[data-value=${state}]`,
    };
}

/**
 * Wait until a form shows that all is saved.
 *
 * @returns {Object}
 */
export function isSaved() {
    return {
        content: "All is saved",
        trigger: ".o_action_manager:has(.o_form_status_indicator_buttons.invisible)",
    };
}
