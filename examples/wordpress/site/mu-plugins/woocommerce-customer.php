<?php
/**
 * Stands in for WooCommerce's customer, which only comes with a whole shop. The signatures are those of WooCommerce 9
 * (`includes/class-wc-customer.php`); as there, what was spent may be text.
 */

class WC_Customer {

	private $id;

	/**
	 * @param WC_Customer|int $data       Customer ID or data.
	 * @param bool            $is_session True if this is the customer session.
	 */
	public function __construct( $data = 0, $is_session = false ) {
		$this->id = (int) $data;
	}

	/**
	 * @param  string $context What the value is for. Valid values are 'view' and 'edit'.
	 * @return bool
	 */
	public function get_is_paying_customer( $context = 'view' ) {
		return 'bruno' === get_userdata( $this->id )->user_login;
	}

	/** @return integer */
	public function get_order_count() {
		return $this->get_is_paying_customer() ? 3 : 0;
	}

	/** @return float */
	public function get_total_spent() {
		return $this->get_is_paying_customer() ? '149.90' : '0.00';
	}
}
