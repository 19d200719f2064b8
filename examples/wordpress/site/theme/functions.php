<?php
/** As a site of your own would say it: which plan a user has. */

add_filter( 'show_admin_bar', '__return_false' );
add_action(
	'wp_enqueue_scripts',
	function () {
		wp_enqueue_style( 'example', get_stylesheet_uri(), array(), '1' );
	}
);
add_filter(
	'vambe_identity_user',
	function ( $user, $wp_user ) {
		$user['plan'] = get_user_meta( $wp_user->ID, 'plan', true ) ?: $user['plan'];
		return $user;
	},
	10,
	2
);
