<!doctype html>
<html <?php language_attributes(); ?>>
<head>
	<meta charset="utf-8">
	<meta name="viewport" content="width=device-width">
	<?php wp_head(); ?>
</head>
<body>
<main>
	<h1><?php bloginfo( 'name' ); ?></h1>
	<?php if ( is_user_logged_in() ) : ?>
		<p>You are signed in as <b><?php echo esc_html( wp_get_current_user()->display_name ); ?></b>.</p>
		<form method="post" action="<?php echo esc_url( wp_logout_url( home_url( '/' ) ) ); ?>"><button>Log out</button></form>
	<?php else : ?>
		<p>Nobody is signed in.</p>
	<?php endif; ?>
	<form method="post" action="<?php echo esc_url( wp_login_url() ); ?>">
		<label for="user">Sign in as</label>
		<select id="user" name="log">
			<?php foreach ( get_users( array( 'role' => 'subscriber' ) ) as $user ) : ?>
				<option value="<?php echo esc_attr( $user->user_login ); ?>"><?php echo esc_html( $user->display_name ); ?></option>
			<?php endforeach; ?>
		</select>
		<?php /* For this example alone: a real page never has a password in it. */ ?>
		<input type="hidden" name="pwd" value="<?php echo esc_attr( getenv( 'SITE_PASSWORD' ) ); ?>">
		<input type="hidden" name="redirect_to" value="<?php echo esc_url( home_url( '/' ) ); ?>">
		<button>Log in</button>
	</form>
	<p id="chat" role="status">The chat knows nobody.</p>
</main>
<script>
	addEventListener("vambe:identified", ({ detail }) => {
		document.getElementById("chat").textContent =
			"The chat knows " + detail.id + (detail.verified ? ", verified." : ".");
	});
</script>
<?php wp_footer(); ?>
</body>
</html>
